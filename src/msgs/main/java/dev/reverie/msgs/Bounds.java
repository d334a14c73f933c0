package dev.reverie.msgs;

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
   * @throws CdrException when a bounded string or sequence is too long
   */
  public static void atMost(String field, int actual, int bound) {
    if (actual > bound) {
      throw new CdrException("%s has length %d, at most %d".formatted(field, actual, bound));
    }
  }
}
