package dev.reverie.rosidl;

import java.util.List;
import java.util.Set;

/** Turns names of ROS 2 interfaces into Java names. */
final class JavaNames {
  /**
   * Keywords, the methods of Object without parameters, and the packages that generated code names.
   */
  private static final Set<String> RESERVED =
      Set.of(
          ("abstract assert boolean break byte case catch char class const continue default do"
                  + " double else enum extends final finally float for goto if implements import"
                  + " instanceof int interface long native new package private protected public"
                  + " return short static strictfp super switch synchronized this throw throws"
                  + " transient try void volatile while true false null _ clone finalize getClass"
                  + " hashCode notify notifyAll toString wait"
                  + " java dev")
              .split(" "));

  private JavaNames() {}

  static String component(String field) {
    var name = new StringBuilder();
    boolean upper = false;
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '_') {
        upper = true;
        continue;
      }
      // a_1 stays apart from a1.
      name.append(upper && Character.isDigit(c) ? "_" : "");
      name.append(upper ? Character.toUpperCase(c) : c);
      upper = false;
    }
    return RESERVED.contains(name.toString()) ? name + "_" : name.toString();
  }

  /** Returns a name as the rest of a method's name. */
  static String capital(String component) {
    return Character.toUpperCase(component.charAt(0)) + component.substring(1);
  }

  /** Returns a constant's name; each record has a TYPE and a VIEW of its own. */
  static String constant(String name) {
    return name.equals("TYPE") || name.equals("VIEW") ? name + "_" : name;
  }

  /** Returns the name of a record's view, which must not be the name of a class around it. */
  static String view(String... around) {
    return List.of(around).contains("View") ? "View_" : "View";
  }

  /** Returns comments as Javadoc on one line. */
  static String javadoc(List<String> comments) {
    return String.join(" ", comments)
        .strip()
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("{", "&#123;")
        .replace("*/", "*&#47;")
        .replace("\\", "&#92;");
  }

  /** Returns a Java string literal. */
  static String quote(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < 32 || c > 126) {
            quoted.append(String.format("\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
