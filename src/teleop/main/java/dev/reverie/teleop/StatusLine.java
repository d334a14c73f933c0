package dev.reverie.teleop;

/**
 * The last line of a terminal, which changes in place. Where the terminal is narrow it takes
 * several rows; the cursor stays at its begin.
 */
final class StatusLine {
  private static final int USUAL_COLUMNS = 80;

  private String shown = "";

  /**
   * Returns what to write for the line to have another text.
   *
   * @param columns of the terminal; 0 where it does not say
   */
  String change(String text, int columns) {
    if (text.equals(shown)) {
      return "";
    }
    shown = text;
    int wide = columns > 0 ? columns : USUAL_COLUMNS;
    int rowsBelow = Math.max(0, text.length() - 1) / wide;
    String back = rowsBelow == 0 ? "" : "\033[%dA".formatted(rowsBelow);
    return "\r\033[J" + text + back + "\r"; // clears from the cursor to the end of the screen
  }
}
