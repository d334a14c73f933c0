package dev.reverie.rcljava;

/**
 * A step of a node's clock that is more than the passing of time.
 *
 * @param deltaNanos how far it went; negative: back
 */
public record Jump(Kind kind, long deltaNanos) {

  /** What made the clock jump. */
  public enum Kind {
    /** A message on /clock. */
    TIME,
    /** The parameter use_sim_time became true: the time is 0 until /clock tells it. */
    SIMULATION_BEGAN,
    /** The parameter use_sim_time became false: the time is the system's. */
    SIMULATION_ENDED
  }

  /**
   * Which jumps are told.
   *
   * @param simulation those at the beginning and end of simulated time
   * @param minForwardNanos those of at least so much forward; 0: none
   * @param minBackwardNanos those of at least so much back, as a positive number; 0: none
   */
  public record Threshold(boolean simulation, long minForwardNanos, long minBackwardNanos) {

    /** Checks the thresholds. */
    public Threshold {
      if (minForwardNanos < 0 || minBackwardNanos < 0) {
        throw new IllegalArgumentException(
            "thresholds of a jump are 0 or more, not %d and %d"
                .formatted(minForwardNanos, minBackwardNanos));
      }
    }

    boolean isReachedBy(Jump jump) {
      if (jump.kind != Kind.TIME) {
        return simulation;
      }
      return minForwardNanos > 0 && jump.deltaNanos >= minForwardNanos
          || minBackwardNanos > 0 && -jump.deltaNanos >= minBackwardNanos;
    }
  }

  /** Is told of a jump, before it and after it. */
  @FunctionalInterface
  public interface Listener {
    /** The clock is about to jump. */
    default void before() {}

    /** The clock has jumped. */
    void after(Jump jump);
  }
}
