package dev.reverie.rosidl;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds one field or constant as it stands in an interface file.
 *
 * @param line its number, from 1
 * @param code without comments
 * @param comments above it, behind it, and indented below it
 */
record Declaration(int line, String code, List<String> comments) {
  /**
   * Holds the declarations of one part of a file.
   *
   * @param comments that the part begins with, about all of it
   */
  record Part(List<String> comments, List<Declaration> declarations) {}

  /** Gives each comment to the declaration that ROS 2's own parser (rosidl_adapter) gives it to. */
  static Part read(List<String> lines, int firstLine) {
    int first = 0;
    var about = new ArrayList<String>();
    while (first < lines.size() && lines.get(first).startsWith("#")) {
      about.add(comment(lines.get(first++)));
    }
    var declarations = new ArrayList<Declaration>();
    var above = new ArrayList<String>();
    for (int i = first; i < lines.size(); i++) {
      String line = lines.get(i);
      int hash = commentStart(line);
      String code = line.substring(0, hash).strip();
      boolean indented = hash > 0 && code.isEmpty() && !declarations.isEmpty();
      if (hash < line.length()) {
        (indented ? declarations.getLast().comments : above).add(comment(line.substring(hash)));
      }
      if (!code.isEmpty()) {
        declarations.add(new Declaration(firstLine + i, code, new ArrayList<>(above)));
        above.clear();
      }
    }
    return new Part(about, declarations);
  }

  private static String comment(String line) {
    return line.replaceFirst("^#+", "").strip();
  }

  /** Returns the place of the comment: the first hash outside quotes. */
  private static int commentStart(String line) {
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == '\\') {
          i++;
        } else if (c == quote) {
          quote = 0;
        }
      } else if (c == '#') {
        return i;
      } else if ((c == '"' || c == '\'') && i > 0 && " =[,\t".indexOf(line.charAt(i - 1)) >= 0) {
        quote = c;
      }
    }
    return line.length();
  }
}
