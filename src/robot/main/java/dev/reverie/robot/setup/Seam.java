package dev.reverie.robot.setup;

/** The seam between the actions of one chunk and those of the next. */
public sealed interface Seam {
  /** A chunk is played to its end; the next one goes on at the action that is due. */
  record Switch() implements Seam {}

  /**
   * The next chunk is asked for so many actions early, and takes over linearly in as many.
   *
   * @param actions above zero
   */
  record Blend(int actions) implements Seam {}

  /**
   * A chunk is asked for at each tick, and all that know of a tick are averaged: the i-th of them,
   * from the oldest, weighs exp(-m i) (ACT, Zhao et al. 2023, section IV).
   *
   * @param m 0 or more; the larger, the more the oldest counts
   */
  record Ensemble(double m) implements Seam {}

  /** Actions that are left when the next chunk is asked for, if inference took no time. */
  default int early(int horizon) {
    return switch (this) {
      case Switch _ -> 0;
      case Blend(int actions) -> Math.min(actions, horizon - 1);
      case Ensemble _ -> horizon - 1;
    };
  }
}
