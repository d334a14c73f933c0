package dev.reverie.sim;

import java.util.Optional;

/**
 * Episodes of an arm, one after the other: what is observed, what an expert would do, what the arm
 * aims at, and how they end. Knows nothing of ROS. For one thread at a time.
 */
interface ArmEpisode {
  /** End of an episode. */
  record Ending(boolean success, String reason) {}

  /**
   * Begins an episode.
   *
   * @param instruction what the arm is to do; empty: drawn from the seed
   * @param limitNanos after which the episode has failed, counted from the first command; 0: as
   *     usual
   * @param demonstrate whether an expert says what to do
   * @return what the arm is told to do
   * @throws IllegalArgumentException where the instruction names nothing that can be done here
   */
  String begin(long seed, String instruction, long limitNanos, boolean demonstrate);

  boolean running();

  /** Tells whether a command came since the episode began. */
  boolean commanded();

  /** Readings of the sensors, the same ones until the next tick. */
  SensorReadings readings();

  /** The expert's command for this observation, rad; the same one until the next tick. */
  Optional<double[]> demonstration();

  /**
   * Sets what the arm aims at from the next tick on.
   *
   * @param positions of the joints, rad
   */
  void command(double[] positions);

  /** The arm goes on aiming where it did, which counts as a command. */
  void hold();

  /** Moves on by one control tick; tells when that ended the episode. */
  Optional<Ending> tick();
}
