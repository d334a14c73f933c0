package dev.reverie.rosidl;

import java.util.ArrayList;
import java.util.List;

/** Values of constants and defaults as they stand in interface files. */
final class Values {

  private Values() {}

  /** A string without its quotes and escapes. */
  static String text(String value) {
    String v = value.strip();
    if (v.length() >= 2
        && (v.charAt(0) == '"' || v.charAt(0) == '\'')
        && v.charAt(v.length() - 1) == v.charAt(0)) {
      v = v.substring(1, v.length() - 1);
      return v.replaceAll("\\\\(.)", "$1");
    }
    return v;
  }

  /** The elements of {@code [a, b, c]}, quotes kept. */
  static List<String> elements(String value) {
    String v = value.strip();
    if (!v.startsWith("[") || !v.endsWith("]")) {
      throw new IllegalArgumentException("an array's default stands in brackets, not " + value);
    }
    var elements = new ArrayList<String>();
    var element = new StringBuilder();
    char quote = 0;
    for (int i = 1; i < v.length() - 1; i++) {
      char c = v.charAt(i);
      if (c == '\\' && quote != 0) {
        element.append(c);
        c = v.charAt(++i);
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == ',') {
        elements.add(element.toString().strip());
        element.setLength(0);
        continue;
      }
      element.append(c);
    }
    if (!element.toString().isBlank()) {
      elements.add(element.toString().strip());
    }
    return elements;
  }
}
