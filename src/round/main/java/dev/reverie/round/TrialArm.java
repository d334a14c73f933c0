package dev.reverie.round;

import java.nio.file.Path;

/** An arm on which policies are compared, one episode after the other. */
interface TrialArm extends AutoCloseable {
  /**
   * Runs an episode.
   *
   * @param trial number of the episode, from 1, as a person is told
   * @param pair number of the pair, from 0; both its episodes have one start and one seed
   * @return its end; one that is left out is to be run again
   * @throws RoundException where the arm or the policy cannot go on
   */
  Attempt run(int trial, int pair, Recorder.Recorded policy);

  /** An episode that has ended. */
  sealed interface Attempt {}

  /** An episode that counts. */
  record Counted(EpisodeResult episode) implements Attempt {}

  /**
   * An episode that does not count.
   *
   * @param bag folder of its rollout
   * @param reason in words
   */
  record LeftOut(Why why, String episodeId, Path bag, String reason) implements Attempt {}

  /** Reasons why an episode does not count. */
  enum Why {
    /** The node aborted it, or a person says so. */
    ABORTED("that were aborted or do not count"),
    /** A person took over, or another policy was swapped in. */
    NOT_ITS_OWN("in which a person took over or another policy acted");

    private final String words;

    Why(String words) {
      this.words = words;
    }

    /** After the number of such episodes. */
    String words() {
      return words;
    }
  }

  @Override
  void close();
}
