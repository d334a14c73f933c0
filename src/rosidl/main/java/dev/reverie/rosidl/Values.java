package dev.reverie.rosidl;

import dev.reverie.rosidl.Structure.Shape;
import java.util.ArrayList;
import java.util.List;

/** Turns values of constants and defaults in interface files into Java. */
final class Values {
  private Values() {}

  /**
   * Returns the default of a field as a Java expression.
   *
   * @throws IllegalArgumentException where the field cannot have this value
   */
  static String fallback(Base base, Shape shape, String value) {
    if (shape instanceof Shape.One) {
      return literal(base, value);
    }
    List<String> elements = elements(value).stream().map(e -> literal(base, e)).toList();
    switch (shape) {
      case Shape.Fixed(int length) when elements.size() != length ->
          throw new IllegalArgumentException(
              "the default has %d elements, not %d".formatted(elements.size(), length));
      case Shape.Sequence(int bound) when bound >= 0 && elements.size() > bound ->
          throw new IllegalArgumentException(
              "the default has %d elements, at most %d".formatted(elements.size(), bound));
      default -> {}
    }
    String list = String.join(", ", elements);
    return base instanceof Base.Primitive(Scalar s)
        ? "new " + s.java + "[] {" + list + "}"
        : "java.util.List.of(" + list + ")";
  }

  private static String literal(Base base, String value) {
    return switch (base) {
      case Base.Primitive(Scalar s) -> s.literal(value);
      case Base.Text(boolean _, int bound) -> {
        String text = text(value);
        if (bound >= 0 && text.codePointCount(0, text.length()) > bound) {
          throw new IllegalArgumentException(
              "the default is longer than %d characters".formatted(bound));
        }
        yield JavaNames.quote(text);
      }
      case Base.Message _ -> throw new IllegalArgumentException("a message has no default");
    };
  }

  /** Returns a string without its quotes and escapes. */
  static String text(String value) {
    String v = value.strip();
    if (v.isEmpty() || (v.charAt(0) != '"' && v.charAt(0) != '\'')) {
      return v;
    }
    char quote = v.charAt(0);
    var text = new StringBuilder();
    for (int i = 1; i < v.length(); i++) {
      char c = v.charAt(i);
      if (c == quote) {
        if (i < v.length() - 1) {
          throw new IllegalArgumentException("a quote inside a string stands behind a backslash");
        }
        return text.toString();
      }
      if (c == '\\' && i + 1 < v.length() - 1) {
        text.append(escape(v.charAt(++i)));
      } else {
        text.append(c);
      }
    }
    throw new IllegalArgumentException("the quote is not closed");
  }

  private static String escape(char c) {
    return switch (c) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case '"', '\'', '\\' -> Character.toString(c);
      default -> "\\" + c; // as rosidl_adapter leaves it
    };
  }

  /** Returns the elements of {@code [a, b, c]}, quotes kept. */
  private static List<String> elements(String value) {
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
