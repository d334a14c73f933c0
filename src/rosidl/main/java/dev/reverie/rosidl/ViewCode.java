package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Field;
import dev.reverie.rosidl.Structure.Shape;

/** Writes the Java source of the view of one record, a class inside of it. */
final class ViewCode {
  private static final String MSGS = "dev.reverie.msgs.";

  private final String javaName;
  private final String viewName;
  private final Structure structure;
  private final Types types;

  /**
   * Prepares a view.
   *
   * @param javaName simple name of the record
   * @param viewName simple name of the view
   */
  ViewCode(String javaName, String viewName, Structure structure, Types types) {
    this.javaName = javaName;
    this.viewName = viewName;
    this.structure = structure;
    this.types = types;
  }

  String source() {
    var s = new StringBuilder();
    s.append(
        """
          /** Makes views of such messages. */
          public static final dev.reverie.msgs.ViewType<%1$s, %2$s> VIEW = new dev.reverie.msgs.ViewType<>(TYPE, %3$s, %2$s::new);
          /** Shows a {@link %1$s} where it lies as CDR. */
          public static final class %2$s extends dev.reverie.msgs.MessageView<%1$s> {
        """
            .formatted(javaName, viewName, types.fixed(structure)));
    structure.fields().forEach(f -> s.append("    ").append(place(f)).append('\n'));
    s.append(
        """
            private %1$s() {}
            /** Creates a view inside of another one. */
            public %1$s(dev.reverie.msgs.MessageView<?> outer) { super(outer); }
            @java.lang.Override protected void index(dev.reverie.msgs.ViewBytes in) {
        """
            .formatted(viewName));
    structure.fields().forEach(f -> s.append("      ").append(index(f)).append('\n'));
    s.append(structure.fields().isEmpty() ? "      in.nothing();\n    }\n" : "    }\n");
    structure.fields().forEach(f -> s.append(accessors(f)));
    return s.append("  }\n").toString();
  }

  /** Returns whether the field is seen through an object of its own. */
  private static boolean inside(Field f) {
    return !(f.shape() instanceof Shape.One) || f.base() instanceof Base.Message;
  }

  /** Returns the variable that holds its place. */
  private static String at(Field f) {
    return "this." + variable(f);
  }

  private static String variable(Field f) {
    return inside(f) ? f.component() : f.component() + "At";
  }

  /** Returns the declaration of the variable that holds its place. */
  private String place(Field f) {
    if (!inside(f)) {
      return "private long " + variable(f) + ";";
    }
    String type = type(f);
    return "private final %s %s = new %s(%s);".formatted(type, variable(f), type, arguments(f));
  }

  /** Returns the type of its getter. */
  private String type(Field f) {
    boolean one = f.shape() instanceof Shape.One;
    return switch (f.base()) {
      case Base.Primitive(Scalar s) -> one ? s.java : MSGS + "ArrayView.Of" + s.word;
      case Base.Text _ -> one ? "java.lang.String" : MSGS + "ArrayView.OfString";
      case Base.Message(TypeName name) ->
          one
              ? types.view(name, f.where())
              : MSGS + "ArrayView.OfMessage<" + types.view(name, f.where()) + ">";
    };
  }

  private String arguments(Field f) {
    String array =
        switch (f.shape()) {
          case Shape.One() -> "this";
          case Shape.Fixed(int n) -> "this, \"%s\", true, %d".formatted(f.name(), n);
          case Shape.Sequence(int bound) -> "this, \"%s\", false, %d".formatted(f.name(), bound);
        };
    return array
        + switch (f.base()) {
          case Base.Primitive _ -> "";
          case Base.Text(boolean wide, int bound) -> ", %s, %d".formatted(wide, bound);
          case Base.Message(TypeName name) ->
              f.shape() instanceof Shape.One
                  ? ""
                  : ", %d, new %s(this)"
                      .formatted(types.leastBytes(f), types.view(name, f.where()));
        };
  }

  /** Returns the statement that steps over the field. */
  private static String index(Field f) {
    if (!(f.shape() instanceof Shape.One)) {
      return "in.array(" + at(f) + ");";
    }
    return switch (f.base()) {
      case Base.Primitive(Scalar s) -> "%s = in.skip(%d, %2$d);".formatted(at(f), s.bytes);
      case Base.Text(boolean wide, int bound) ->
          "%s = in.%s(\"%s\", %d);".formatted(at(f), wide ? "wideText" : "text", f.name(), bound);
      case Base.Message _ -> "in.message(" + at(f) + ");";
    };
  }

  private String accessors(Field f) {
    String comment = JavaNames.javadoc(f.comments());
    String get =
        "    public %s %s() { return %s; }\n"
            .formatted(
                type(f), f.component(), inside(f) ? at(f) : "get" + word(f) + "(" + at(f) + ")");
    String set =
        f.shape() instanceof Shape.One && f.base() instanceof Base.Primitive(Scalar s)
            ? "    public void set%s(%s value) { set%s(%s, value); }\n"
                .formatted(JavaNames.capital(f.component()), s.java, s.word, at(f))
            : "";
    return (comment.isEmpty() ? "" : "    /** " + comment + " */\n") + get + set;
  }

  private static String word(Field f) {
    return switch (f.base()) {
      case Base.Primitive(Scalar s) -> s.word;
      case Base.Text(boolean wide, int _) -> wide ? "WideString" : "String";
      case Base.Message _ -> "";
    };
  }
}
