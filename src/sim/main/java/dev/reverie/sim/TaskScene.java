package dev.reverie.sim;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** A task with the arm that does it: how it begins, whether it is done, and who can do it. */
interface TaskScene extends AutoCloseable {
  /**
   * A camera of the arm.
   *
   * @param name of its topics
   */
  record View(String name, Lens lens) {}

  /** Names of the joints, in the order of commands and readings. */
  List<String> joints();

  /** The arm's URDF; empty where there is none. */
  String urdf();

  /**
   * Its cameras.
   *
   * @param side of their square pictures, pixels
   * @param samples per pixel along each axis
   */
  List<View> views(int side, int samples);

  /**
   * Begins an episode.
   *
   * @param seed of all that is drawn: the same one gives the same beginning
   * @param instruction one of the task's; empty: drawn from the seed
   * @return what the arm is told to do
   * @throws IllegalArgumentException where the instruction names nothing that can be done here
   */
  String reset(long seed, String instruction);

  /**
   * Moves on by one control tick.
   *
   * @param command joint positions to aim at, rad
   */
  void tick(double[] command);

  /** Says what was reached, where that is all; by the state of the physics, once a tick. */
  Optional<String> reached();

  /**
   * Someone who does the task, with mistakes that can be mended, in the episode that has begun.
   *
   * @param seed of the mistakes
   * @return the next command, once in each tick: joint positions, rad
   */
  Supplier<double[]> expert(long seed);

  /** [joints] rad, as a sensor in each joint measures them. */
  double[] jointPositions();

  /** Readings of all sensors, with what the cameras show. */
  SensorReadings readings(List<byte[]> pictures);

  /** The nearest joint positions within the end stops, rad. */
  double[] withinLimits(double[] positions);

  Simulation simulation();

  /** The time of a control tick. */
  double periodS();

  @Override
  void close();
}
