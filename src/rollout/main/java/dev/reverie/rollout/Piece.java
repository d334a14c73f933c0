package dev.reverie.rollout;

import java.util.List;
import java.util.Optional;

/**
 * Steps of an episode that follow each other without a gap, at the episode's rate.
 *
 * @param steps at least one
 * @param last the observation after the last step
 * @param unseen what was done about {@code last}, where the gap begins with that: its action is
 *     known, and what it did was not seen; empty at the end of the episode
 */
public record Piece(List<Step> steps, RecordedObservation last, Optional<Step> unseen) {
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
