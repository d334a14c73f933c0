package dev.reverie.round;

import java.io.PrintStream;

/**
 * Prints the lines of a round and, on a terminal, a bar below them. Lines may come from any thread.
 */
final class Console {
  private static final String ERASE = "\r\033[K";

  private final PrintStream out;
  private final boolean terminal;
  private String bar = "";

  /**
   * Prints to a stream.
   *
   * @param terminal whether lines may be overwritten
   */
  Console(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** The process' standard output. */
  static Console standard() {
    return new Console(System.out, System.console() != null && System.console().isTerminal());
  }

  boolean isTerminal() {
    return terminal;
  }

  synchronized void line(String text) {
    out.println(bar.isEmpty() ? text : ERASE + text);
    out.print(bar);
    out.flush();
  }

  /** Shows this below the lines, in place of the bar before; an empty one takes it away. */
  synchronized void bar(String text) {
    out.print(bar.isEmpty() ? text : ERASE + text);
    out.flush();
    bar = text;
  }
}
