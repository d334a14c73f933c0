package dev.reverie.rollout;

import java.util.List;

/**
 * Steps of an episode that follow each other without a gap, at the episode's rate.
 *
 * @param steps at least one
 * @param last the observation after the last step
 */
public record Piece(List<Step> steps, RecordedObservation last) {
  /** Copies the list. */
  public Piece {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("a piece of an episode has at least one step");
    }
  }

  /**
   * The observation before step {@code t}.
   *
   * @param t 0 to the number of steps
   */
  public RecordedObservation observation(int t) {
    return t == steps.size() ? last : steps.get(t).observation();
  }
}
