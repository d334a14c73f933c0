package dev.reverie.rcljava;

/**
 * Describes a step of a node's clock that is more than the passing of time.
 *
 * @param deltaNanos length of the step; negative: back
 */
public record Jump(Kind kind, long deltaNanos) {
  /** Names the cause of a jump. */
  public enum Kind {
    /** A message came on /clock. */
    TIME,
    /** The parameter use_sim_time became true: the time is 0 until /clock tells it. */
    SIMULATION_BEGAN,
    /** The parameter use_sim_time became false: the time is the system's. */
    SIMULATION_ENDED
  }

  /**
   * Says which jumps are told.
   *
   * @param simulation whether the beginning and the end of simulated time are told
   * @param minForwardNanos the shortest jump forward that is told; 0: none
   * @param minBackwardNanos the shortest jump back that is told, as a positive number; 0: none
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
      return (minForwardNanos > 0 && jump.deltaNanos >= minForwardNanos)
          || (minBackwardNanos > 0 && -jump.deltaNanos >= minBackwardNanos);
    }
  }

  /** Is told of a jump, before it and after it. */
  @FunctionalInterface
  public interface Listener {
    /** Called when the clock is about to jump. */
    default void before() {}

    /** Called when the clock has jumped. */
    void after(Jump jump);
  }
}
