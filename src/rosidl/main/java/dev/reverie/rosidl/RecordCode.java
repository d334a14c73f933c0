package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Constant;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the Java source of one record with its codec. */
final class RecordCode {
  private final String javaName;
  private final String rosName;
  private final Structure structure;
  private final String definition;
  private final List<FieldCode> fields;
  private final ViewCode view;

  /**
   * Prepares a record.
   *
   * @param javaName simple name of the record
   * @param rosName such as {@code std_srvs/srv/SetBool_Request}
   * @param definition what {@code MessageType.definition()} returns
   * @param viewName simple name of the record's view
   */
  RecordCode(
      String javaName,
      String viewName,
      String rosName,
      Structure structure,
      String definition,
      Types types) {
    this.javaName = javaName;
    this.rosName = rosName;
    this.structure = structure;
    this.definition = definition;
    this.fields = structure.fields().stream().map(f -> new FieldCode(f, types)).toList();
    this.view = new ViewCode(javaName, viewName, structure, types);
  }

  String source() {
    var s = new StringBuilder();
    String about = JavaNames.javadoc(structure.comments());
    s.append("/**\n * {@code %s}%s\n *\n".formatted(rosName, about.isEmpty() ? "." : ": " + about));
    for (FieldCode f : fields) {
      if (!f.comment().isEmpty()) {
        s.append(" * @param ").append(f.name()).append(' ').append(f.comment()).append('\n');
      }
    }
    s.append(" */\n");
    s.append("public record %s(%s) {\n".formatted(javaName, components()));
    structure.constants().forEach(c -> s.append(constant(c)));
    s.append(type());
    constructors(s);
    fields.forEach(f -> s.append(wither(f)));
    if (fields.stream().anyMatch(FieldCode::array)) {
      s.append(equality());
    }
    return s.append(view.source()).append("}\n").toString();
  }

  private String components() {
    return fields.stream()
        .map(f -> f.javaType() + " " + f.name())
        .collect(Collectors.joining(", "));
  }

  private static String constant(Constant c) {
    String type = c.type() instanceof Base.Primitive(Scalar s) ? s.java : "java.lang.String";
    String about = JavaNames.javadoc(c.comments());
    return (about.isEmpty() ? "" : "  /** " + about + " */\n")
        + "  public static final %s %s = %s;\n"
            .formatted(type, JavaNames.constant(c.name()), c.value());
  }

  private String type() {
    String reads =
        fields.isEmpty()
            ? "in.readByte(); return new " + javaName + "();"
            : "return new %s(%s);"
                .formatted(
                    javaName,
                    fields.stream().map(FieldCode::read).collect(Collectors.joining(", ")));
    String writes =
        fields.isEmpty()
            ? "out.writeByte((byte) 0);"
            : fields.stream().map(FieldCode::write).collect(Collectors.joining("\n      "));
    return """
      /** Reads and writes these records. */
      public static final dev.reverie.msgs.MessageType<%1$s> TYPE = new dev.reverie.msgs.MessageType<>() {
        @java.lang.Override public java.lang.String name() { return "%2$s"; }
        @java.lang.Override public java.lang.String definition() { return %3$s; }
        @java.lang.Override public %1$s read(dev.reverie.msgs.CdrReader in) {
          %4$s
        }
        @java.lang.Override public void write(%1$s m, dev.reverie.msgs.CdrWriter out) {
          %5$s
        }
      };
    """
        .formatted(javaName, rosName, JavaNames.quote(definition), reads, writes);
  }

  private void constructors(StringBuilder s) {
    List<String> checks = fields.stream().flatMap(f -> f.checks().stream()).toList();
    if (!checks.isEmpty()) {
      s.append("  public ").append(javaName).append(" {\n");
      checks.forEach(c -> s.append("    ").append(c).append('\n'));
      s.append("  }\n");
    }
    if (!fields.isEmpty()) {
      s.append(
          "  /** Creates one with the defaults of the interface file, zero and empty where it has"
              + " none. */\n");
      s.append(
          "  public %s() { this(%s); }\n"
              .formatted(
                  javaName,
                  fields.stream().map(FieldCode::fallback).collect(Collectors.joining(", "))));
    }
  }

  private String wither(FieldCode field) {
    String method = "with" + JavaNames.capital(field.name());
    return "  public %1$s %2$s(%3$s %4$s) { return new %1$s(%5$s); }\n"
        .formatted(
            javaName,
            method,
            field.javaType(),
            field.name(),
            fields.stream().map(FieldCode::name).collect(Collectors.joining(", ")));
  }

  private String equality() {
    return """
      @java.lang.Override public boolean equals(java.lang.Object o) {
        return o instanceof %s other && %s;
      }
      @java.lang.Override public int hashCode() {
        int h = 1;
        %s
        return h;
      }
    """
        .formatted(
            javaName,
            fields.stream().map(FieldCode::equal).collect(Collectors.joining(" && ")),
            fields.stream()
                .map(f -> "h = 31 * h + " + f.hash() + ";")
                .collect(Collectors.joining("\n    ")));
  }
}
