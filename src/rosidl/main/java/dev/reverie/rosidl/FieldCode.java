package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Field;
import dev.reverie.rosidl.Structure.Shape;
import java.util.ArrayList;
import java.util.List;

/** Writes Java expressions for one field: its type, default, checks, reading and writing. */
final class FieldCode {
  private final Field field;
  private final Types types;

  FieldCode(Field field, Types types) {
    this.field = field;
    this.types = types;
  }

  String name() {
    return field.component();
  }

  boolean one() {
    return field.shape() instanceof Shape.One;
  }

  /**
   * Returns whether it is an array of primitives, which records compare by identity unless told
   * otherwise.
   */
  boolean array() {
    return !one() && field.base() instanceof Base.Primitive;
  }

  String javaType() {
    return switch (field.base()) {
      case Base.Primitive(Scalar s) -> one() ? s.java : s.java + "[]";
      case Base _ -> one() ? element() : "java.util.List<" + element() + ">";
    };
  }

  private String element() {
    return switch (field.base()) {
      case Base.Primitive(Scalar s) -> s.box();
      case Base.Text _ -> "java.lang.String";
      case Base.Message(TypeName t) -> types.record(t, field.where());
    };
  }

  /** Returns its default, or zero, or empty. */
  String fallback() {
    return field.fallback().orElseGet(this::zero);
  }

  private String zero() {
    return switch (field.shape()) {
      case Shape.One() ->
          switch (field.base()) {
            case Base.Primitive(Scalar s) -> s == Scalar.BOOL ? "false" : s.literal("0");
            case Base.Text _ -> "\"\"";
            case Base.Message _ -> "new " + element() + "()";
          };
      case Shape.Fixed(int n) ->
          switch (field.base()) {
            case Base.Primitive(Scalar s) -> "new " + s.java + "[" + n + "]";
            case Base.Text _ -> "java.util.Collections.nCopies(" + n + ", \"\")";
            case Base.Message _ ->
                "java.util.Collections.nCopies(" + n + ", new " + element() + "())";
          };
      case Shape.Sequence _ ->
          array() ? "new " + element(javaType()) + "[0]" : "java.util.List.of()";
    };
  }

  private static String element(String arrayType) {
    return arrayType.substring(0, arrayType.length() - 2);
  }

  /** Returns the statements of the compact constructor. */
  List<String> checks() {
    var checks = new ArrayList<String>();
    if (!one() && !array()) {
      checks.add("%1$s = java.util.List.copyOf(%1$s);".formatted(name()));
    } else if (!(one() && field.base() instanceof Base.Primitive)) {
      checks.add("java.util.Objects.requireNonNull(%s, \"%s\");".formatted(name(), field.name()));
    }
    String size = array() ? name() + ".length" : name() + ".size()";
    if (field.shape() instanceof Shape.Fixed(int n)) {
      checks.add(bounds("length", field.name(), size, n) + ";");
    }
    if (field.shape() instanceof Shape.Sequence(int bound) && bound >= 0) {
      checks.add(bounds("atMost", field.name(), size, bound) + ";");
    }
    if (field.base() instanceof Base.Text(boolean _, int bound) && bound >= 0) {
      checks.add(bounds(one() ? "text" : "texts", field.name(), name(), bound) + ";");
    }
    return checks;
  }

  private static String bounds(String method, String field, String actual, int limit) {
    return "dev.reverie.msgs.Bounds.%s(\"%s\", %s, %d)".formatted(method, field, actual, limit);
  }

  String read() {
    String element =
        switch (field.base()) {
          case Base.Primitive(Scalar s) -> "in.read" + s.word + "()";
          case Base.Text(boolean wide, int _) -> wide ? "in.readWideString()" : "in.readString()";
          case Base.Message _ -> element() + ".TYPE.read(in)";
        };
    if (one()) {
      return element;
    }
    String length =
        switch (field.shape()) {
          case Shape.Fixed(int n) -> Integer.toString(n);
          case Shape _ -> "in.readLength(" + types.leastBytes(field) + ")";
        };
    return field.base() instanceof Base.Primitive(Scalar s)
        ? "in.read%ss(%s)".formatted(s.word, length)
        : "in.readList(%s, () -> %s)".formatted(length, element);
  }

  /** Returns the statements that write the field of {@code m}. */
  String write() {
    String value = "m." + name() + "()";
    if (one()) {
      return writeElement(value);
    }
    String length = "";
    if (field.shape() instanceof Shape.Sequence) {
      length = "out.writeInt(" + value + (array() ? ".length" : ".size()") + "); ";
    }
    return length
        + (field.base() instanceof Base.Primitive(Scalar s)
            ? "out.write%ss(%s);".formatted(s.word, value)
            : "for (var e : %s) { %s }".formatted(value, writeElement("e")));
  }

  private String writeElement(String value) {
    return switch (field.base()) {
      case Base.Primitive(Scalar s) -> "out.write%s(%s);".formatted(s.word, value);
      case Base.Text(boolean wide, int _) ->
          "out.write%s(%s);".formatted(wide ? "WideString" : "String", value);
      case Base.Message _ -> element() + ".TYPE.write(" + value + ", out);";
    };
  }

  /** Returns the equality of this component with the one of {@code other}. */
  String equal() {
    String n = "this." + name();
    String o = "other." + name();
    if (array()) {
      return "java.util.Arrays.equals(" + n + ", " + o + ")";
    }
    if (one() && field.base() instanceof Base.Primitive(Scalar s)) {
      return s == Scalar.FLOAT32 || s == Scalar.FLOAT64
          ? s.box() + ".compare(" + n + ", " + o + ") == 0"
          : n + " == " + o;
    }
    return n + ".equals(" + o + ")";
  }

  String hash() {
    String n = "this." + name();
    if (array()) {
      return "java.util.Arrays.hashCode(" + n + ")";
    }
    return one() && field.base() instanceof Base.Primitive(Scalar s)
        ? s.box() + ".hashCode(" + n + ")"
        : n + ".hashCode()";
  }

  /** Returns the comment of the interface file. */
  String comment() {
    return JavaNames.javadoc(field.comments());
  }
}
