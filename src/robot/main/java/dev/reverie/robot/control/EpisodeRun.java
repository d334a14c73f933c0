package dev.reverie.robot.control;

import dev.reverie.msgs.reverie.Outcome;
import java.nio.file.Path;
import java.util.Optional;

/** An episode that runs: what was asked for, and who waits for it. */
public record EpisodeRun(String id, Request request, Client client) {
  /**
   * Request for an episode.
   *
   * @param instruction in words
   * @param teleop whether a person acts, not the policy
   * @param temperature of the tokens; 0: greedy
   * @param seed of the tokens drawn
   * @param limitNanos in the clock of the observations; 0: none
   */
  public record Request(
      String instruction, boolean teleop, float temperature, long seed, long limitNanos) {
    Request withInstruction(String value) {
      return new Request(value, teleop, temperature, seed, limitNanos);
    }
  }

  /**
   * End of an episode.
   *
   * @param bag folder of the rollout; empty if nothing was recorded
   * @param ticks commands sent
   */
  record Ended(String id, Outcome outcome, Optional<Path> bag, int ticks) {}

  /** Waits for the episode. */
  public interface Client {
    /** Called after each chunk. */
    default void progress(String id, int ticks, long stampNanos) {}

    void ended(Ended ended);
  }
}
