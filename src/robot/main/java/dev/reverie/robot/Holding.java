package dev.reverie.robot;

import java.util.function.Consumer;

/** Why the arm holds still; a change is told once. Not thread-safe. */
final class Holding {

  private final Consumer<String> warn;
  private final Runnable changed;
  private String reason = "";

  /**
   * @param warn takes a new reason
   * @param changed runs when the reason changes
   */
  Holding(Consumer<String> warn, Runnable changed) {
    this.warn = warn;
    this.changed = changed;
  }

  /** Empty where it does not. */
  String reason() {
    return reason;
  }

  void because(String why) {
    if (!why.equals(reason)) {
      // A number in the reason may change at each tick: that is no news.
      boolean news = !skeleton(why).equals(skeleton(reason));
      reason = why;
      if (news) {
        warn.accept("the arm holds still: " + why);
        changed.run();
      }
    }
  }

  void over() {
    if (!reason.isEmpty()) {
      reason = "";
      changed.run();
    }
  }

  /** The reason without its numbers. */
  static String skeleton(String text) {
    return text.replaceAll("\\d+", "#");
  }
}
