package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Constant;
import dev.reverie.rosidl.Structure.Field;
import dev.reverie.rosidl.Structure.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the ROS 2 interface language of {@code .msg}, {@code .srv} and {@code .action} files. */
final class InterfaceParser {
  private static final Pattern LINE =
      Pattern.compile(
          "(?<base>[A-Za-z][\\w/]*)(<=(?<textbound>\\d+))?(?<array>\\[(<=)?\\d*])?"
              + "\\s+(?<name>[A-Za-z]\\w*)\\s*(?<equals>=)?\\s*(?<value>.*)");

  private static final Pattern FIELD_NAME = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");

  private final String pkg;
  private final String file;

  /**
   * Creates a parser of one file.
   *
   * @param pkg the package that unqualified types belong to
   * @param file name for error messages
   */
  InterfaceParser(String pkg, String file) {
    this.pkg = pkg;
    this.file = file;
  }

  /** Splits at lines of three dashes and reads each part. */
  List<Structure> parse(String text) {
    var parts = new ArrayList<Structure>();
    var part = new ArrayList<String>();
    int line = 0;
    int start = 1;
    for (String s : text.replace("\r\n", "\n").split("\n", -1)) {
      line++;
      if (s.strip().equals("---")) {
        parts.add(structure(part, start));
        part.clear();
        start = line + 1;
      } else {
        part.add(s);
      }
    }
    parts.add(structure(part, start));
    return parts;
  }

  private Structure structure(List<String> lines, int firstLine) {
    var constants = new ArrayList<Constant>();
    var fields = new ArrayList<Field>();
    var names = new HashSet<String>();
    Declaration.Part part = Declaration.read(lines, firstLine);
    for (Declaration declaration : part.declarations()) {
      String where = file + ":" + declaration.line();
      try {
        Matcher m = LINE.matcher(declaration.code());
        if (!m.matches()) {
          throw new IllegalArgumentException("expected 'type name'");
        }
        if (!names.add(m.group("name"))) {
          throw new IllegalArgumentException("'" + m.group("name") + "' stands here twice");
        }
        if (m.group("equals") != null) {
          constants.add(constant(m, declaration.comments()));
        } else {
          fields.add(field(m, where, declaration.comments()));
        }
      } catch (IllegalArgumentException e) {
        throw new InterfaceException(where + ": " + e.getMessage() + ": " + declaration.code());
      }
    }
    return new Structure(constants, fields, part.comments(), String.join("\n", lines));
  }

  private Constant constant(Matcher m, List<String> comments) {
    Base base = base(m);
    String value = m.group("value");
    if (m.group("array") != null) {
      throw new IllegalArgumentException("a constant cannot be an array");
    }
    String java =
        switch (base) {
          case Base.Primitive(Scalar s) -> s.literal(value);
          case Base.Text _ -> JavaNames.quote(Values.text(value));
          case Base.Message _ -> throw new IllegalArgumentException("a constant is a primitive");
        };
    return new Constant(base, m.group("name"), java, comments);
  }

  private Field field(Matcher m, String where, List<String> comments) {
    String name = m.group("name");
    if (!FIELD_NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "'" + name + "' is not a field's name (lower case, digits, single underscores)");
    }
    Base base = base(m);
    Shape shape = shape(m.group("array"));
    String value = m.group("value");
    return new Field(
        base,
        shape,
        name,
        value.isEmpty() ? Optional.empty() : Optional.of(Values.fallback(base, shape, value)),
        comments,
        where);
  }

  private Base base(Matcher m) {
    String name = m.group("base");
    String bound = m.group("textbound");
    if (name.equals("string") || name.equals("wstring")) {
      return new Base.Text(name.equals("wstring"), bound == null ? -1 : count(bound));
    }
    if (bound != null) {
      throw new IllegalArgumentException("only strings have a bound of this kind");
    }
    for (Scalar s : Scalar.values()) {
      if (s.ros().equals(name)) {
        return new Base.Primitive(s);
      }
    }
    String[] parts = name.split("/", -1);
    return switch (parts.length) {
      case 1 -> new Base.Message(new TypeName(pkg, name));
      case 2 -> new Base.Message(new TypeName(parts[0], parts[1]));
      case 3 -> new Base.Message(new TypeName(parts[0], parts[2]));
      default -> throw new IllegalArgumentException("'" + name + "' is not a type");
    };
  }

  private static Shape shape(String array) {
    if (array == null) {
      return new Shape.One();
    }
    String inside = array.substring(1, array.length() - 1);
    if (inside.isEmpty()) {
      return new Shape.Sequence(-1);
    }
    return inside.startsWith("<=")
        ? new Shape.Sequence(count(inside.substring(2)))
        : new Shape.Fixed(count(inside));
  }

  private static int count(String digits) {
    try {
      int count = Integer.parseInt(digits);
      if (count > 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw new IllegalArgumentException("a length or bound is at least 1, at most 2^31 - 1");
  }
}
