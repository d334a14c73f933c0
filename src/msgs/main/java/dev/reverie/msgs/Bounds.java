package dev.reverie.msgs;

import java.util.List;

/** Checks fixed and bounded fields, for generated records. */
public final class Bounds {
  private Bounds() {}

  /**
   * Checks the length of an array.
   *
   * @throws CdrException unless the array has just the length that its type fixes
   */
  public static void length(String field, int actual, int fixed) {
    if (actual != fixed) {
      throw new CdrException("%s has %d elements, not %d".formatted(field, actual, fixed));
    }
  }

  /**
   * Checks the length of a bounded sequence.
   *
   * @throws CdrException when it is too long
   */
  public static void atMost(String field, int actual, int bound) {
    if (actual > bound) {
      throw new CdrException("%s has length %d, at most %d".formatted(field, actual, bound));
    }
  }

  /**
   * Checks the length of a bounded string.
   *
   * @throws CdrException when it has too many characters (code points, as rclpy counts)
   */
  public static void text(String field, String value, int bound) {
    if (value.length() > bound) {
      atMost(field, value.codePointCount(0, value.length()), bound);
    }
  }

  /** Checks the length of each string of a sequence. */
  public static void texts(String field, List<String> values, int bound) {
    for (String value : values) {
      text(field, value, bound);
    }
  }
}
