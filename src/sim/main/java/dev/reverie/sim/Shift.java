package dev.reverie.sim;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/** A difference of a scene from those that were learned from, which leaves the task the same. */
enum Shift {
  /** Scenes stay as they were learned. */
  NONE,
  /** All slots stand farther to one side than in any scene that was learned from. */
  POSITION,
  /** Wall and table have other colours. */
  BACKGROUND,
  /** Slots and table are striped. */
  TEXTURE;

  private static final double ROW_MIN_M = 0.02;
  private static final double ROW_MAX_M = 0.04;

  /** Decorrelates where the row stands from what is drawn within it. */
  private static final long ROW = 0x5f3759df;

  /** The word for it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The shift of a word; none for an empty one.
   *
   * @throws IllegalArgumentException where there is no such shift
   */
  static Shift named(String word) {
    return word.isEmpty()
        ? NONE
        : Arrays.stream(values())
            .filter(shift -> shift.word().equals(word))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "shift is '%s'; there are %s"
                            .formatted(word, Arrays.stream(values()).map(Shift::word).toList())));
  }

  /** Returns how far to the right the slots of a seed's scene stand, metres. */
  double rowM(long seed) {
    if (this != POSITION) {
      return 0;
    }
    var random = new SplittableRandom(seed ^ ROW);
    double far = random.nextDouble(ROW_MIN_M, ROW_MAX_M);
    return random.nextBoolean() ? far : -far;
  }
}
