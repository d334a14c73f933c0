package dev.reverie.msgs;

import java.util.List;

/** Checks of fixed and bounded fields, for generated records. */
public final class Bounds {

  private Bounds() {}

  /**
   * @throws CdrException unless the array has just the length that its type fixes
   */
  public static void length(String field, int actual, int fixed) {
    if (actual != fixed) {
      throw new CdrException("%s has %d elements, not %d".formatted(field, actual, fixed));
    }
  }

  /**
   * @throws CdrException when a bounded sequence is too long
   */
  public static void atMost(String field, int actual, int bound) {
    if (actual > bound) {
      throw new CdrException("%s has length %d, at most %d".formatted(field, actual, bound));
    }
  }

  /**
   * @throws CdrException when a bounded string has too many characters (code points, as rclpy
   *     counts)
   */
  public static void text(String field, String value, int bound) {
    if (value.length() > bound) {
      atMost(field, value.codePointCount(0, value.length()), bound);
    }
  }

  /** {@link #text} for each string of a sequence. */
  public static void texts(String field, List<String> values, int bound) {
    for (String value : values) {
      text(field, value, bound);
    }
  }
}
