package dev.reverie.round;

import java.util.Optional;

/** An arm on which policies are compared, one episode after the other. */
interface TrialArm extends AutoCloseable {
  /**
   * Runs an episode.
   *
   * @param trial number of the episode, from 1, as a person is told
   * @param pair number of the pair, from 0; both its episodes have one start and one seed
   * @return its end; empty where it does not count and is to be run again
   * @throws RoundException where the arm or the policy cannot go on
   */
  Optional<EpisodeResult> run(int trial, int pair, Recorder.Recorded policy);

  @Override
  void close();
}
