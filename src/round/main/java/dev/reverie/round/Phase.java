package dev.reverie.round;

import java.util.Locale;

/** Purposes of episodes; each has episodes of its own, so that none is trained and tested on. */
enum Phase {
  DEMONSTRATION,
  ROLLOUT,
  EVALUATION;

  /**
   * The temperature at which evaluations are drawn: 1, the policy's own distribution, whatever it
   * practises at; so that what they say can be compared.
   */
  static final float OF_EVALUATIONS = 1;

  private static final int PER_PHASE = 100_000;
  private static final int PER_SEED = 1_000_000;

  /** Name of the folder that bags of this phase go into. */
  String folder() {
    return name().toLowerCase(Locale.ROOT) + "s";
  }

  /**
   * The temperature that actions of this phase are drawn at; the expert draws nothing.
   *
   * @param practised by the trainer's settings: rollouts tell imagination of the policy that
   *     practises in it
   */
  float temperature(float practised) {
    return switch (this) {
      case DEMONSTRATION -> 0;
      case ROLLOUT -> practised;
      case EVALUATION -> OF_EVALUATIONS;
    };
  }

  /**
   * Seed of one episode.
   *
   * @param seed of the round, 0 to 10^12
   * @param index of the episode in its phase, 0 to 99,999
   */
  long seed(long seed, int index) {
    if (seed < 0 || seed > 1_000_000_000_000L || index < 0 || index >= PER_PHASE) {
      throw new IllegalArgumentException("seed " + seed + ", episode " + index);
    }
    return seed * PER_SEED + (long) ordinal() * PER_PHASE + index;
  }
}
