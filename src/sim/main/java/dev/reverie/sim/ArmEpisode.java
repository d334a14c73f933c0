package dev.reverie.sim;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Episodes of an arm, one after the other: what is observed, what an expert would do, what the arm
 * aims at, and how they end. Knows nothing of ROS. For one thread at a time.
 */
abstract class ArmEpisode {
  /** End of an episode. */
  record Ending(boolean success, String reason) {}

  private boolean running;
  private boolean commanded;
  private int ticks;
  private int limitTicks;
  private Optional<Supplier<double[]>> expert = Optional.empty();
  private double @Nullable [] demonstrated;
  private @Nullable SensorReadings readings;

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
  abstract String begin(long seed, String instruction, long limitNanos, boolean demonstrate);

  /**
   * Counts from here.
   *
   * @param task whether there is something to do, and so an end
   * @param limit after which the episode has failed, ticks
   * @param expert says what to do, rad
   */
  final void begun(boolean task, int limit, Optional<Supplier<double[]>> expert) {
    this.expert = expert;
    running = task;
    limitTicks = limit;
    commanded = false;
    ticks = 0;
    forget();
  }

  private void forget() {
    readings = null;
    demonstrated = null;
  }

  final boolean running() {
    return running;
  }

  /** Tells whether a command came since the episode began. */
  final boolean commanded() {
    return commanded;
  }

  /** Readings of the sensors, the same ones until the next tick. */
  final SensorReadings readings() {
    if (readings == null) {
      readings = look();
    }
    return readings;
  }

  /** Reads the sensors. */
  abstract SensorReadings look();

  /** The expert's command for this observation, rad; the same one until the next tick. */
  final Optional<double[]> demonstration() {
    if (demonstrated == null && running) {
      demonstrated = expert.map(Supplier::get).orElse(null);
    }
    return Optional.ofNullable(demonstrated);
  }

  /**
   * Sets what the arm aims at from the next tick on.
   *
   * @param positions of the joints, rad
   */
  final void command(double[] positions) {
    aim(positions);
    commanded = true;
  }

  /** Sets what the arm aims at. */
  abstract void aim(double[] positions);

  /** The arm goes on aiming where it did, which counts as a command. */
  final void hold() {
    commanded = true;
  }

  /** Moves on by one control tick; tells when that ended the episode. */
  final Optional<Ending> tick() {
    demonstration(); // an expert acts in every tick, be it followed or not
    move();
    return judge();
  }

  /** Moves the arm for one tick. */
  abstract void move();

  /** Looks how things stand at the end of a tick, whoever moved the arm in it. */
  final Optional<Ending> judge() {
    forget();
    if (!running) {
      return Optional.empty();
    }
    ticks += commanded ? 1 : 0;
    Optional<String> reached = reached();
    if (reached.isPresent()) {
      return end(true, reached.get());
    }
    return ticks >= limitTicks
        ? end(false, "the time limit of " + limitTicks + " ticks is over")
        : Optional.empty();
  }

  /** Says what was reached in this tick, where that is all; called once a tick. */
  abstract Optional<String> reached();

  private Optional<Ending> end(boolean success, String reason) {
    running = false;
    return Optional.of(new Ending(success, reason));
  }
}
