package dev.reverie.trainer.nn;

/** Refuses settings that are out of range, by name and value. */
public final class Check {
  /** The most that a batch or the width of a network may be. */
  public static final int WIDEST = 65_536;

  private Check() {}

  /**
   * Refuses a value unless it holds.
   *
   * @param allowed what it may be, in words
   * @throws IllegalArgumentException with all three
   */
  public static void that(boolean holds, String name, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "the setting %s is %s; it must be %s".formatted(name, value, allowed));
    }
  }

  /** Refuses zero, what lies below, and what is no finite number. */
  public static void positive(String name, double value) {
    that(value > 0 && Double.isFinite(value), name, value, "above 0");
  }

  /** Refuses zero and what lies below. */
  public static void positive(String name, int value) {
    that(value > 0, name, value, "1 or more");
  }

  /** Refuses sizes below 1, and those that no machine has memory or time for. */
  public static void size(String name, int value, int most) {
    that(value > 0 && value <= most, name, value, "1 to " + most);
  }

  /** Refuses what lies below zero, and what is no finite number. */
  public static void notNegative(String name, double value) {
    that(value >= 0 && Double.isFinite(value), name, value, "0 or more");
  }

  /** Refuses what lies below zero. */
  public static void notNegative(String name, int value) {
    that(value >= 0, name, value, "0 or more");
  }

  /** Refuses what is no share of a whole. */
  public static void share(String name, double value) {
    that(value >= 0 && value <= 1, name, value, "in 0 to 1");
  }
}
