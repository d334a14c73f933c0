package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Node;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Locale;
import java.util.function.IntSupplier;

/**
 * Goes as fast as it gets: an observation is published, and time stands still until one command
 * with the observation's stamp is there. Between episodes nothing moves and nothing is published:
 * who has got the goal of the next episode must not take an observation from before the reset for
 * its first one.
 */
final class LockStep implements Pace {
  /**
   * The time after which an observation is repeated for whoever started late and has missed it,
   * while no command has come yet in an episode.
   */
  private static final long REPEAT_NANOS = Duration.ofMillis(200).toNanos();

  /** ROS takes a time of zero for none. */
  private static final long START_NANOS = Duration.ofSeconds(1).toNanos();

  private final Node node;
  private final ArmEpisode episode;
  private final ArmTopics topics;
  private final long periodNanos;
  private final long timeoutNanos;
  private final IntSupplier commanders;
  private long stampNanos = START_NANOS;
  private long strayNanos; // stamp of the newest command that answers another observation
  private long missingSince = System.nanoTime();

  /**
   * Waits for commands, step by step.
   *
   * @param timeoutNanos wall-clock time after which a missing command is complained about
   * @param commanders how many nodes publish commands
   */
  LockStep(
      Node node,
      ArmEpisode episode,
      ArmTopics topics,
      long periodNanos,
      long timeoutNanos,
      IntSupplier commanders) {
    this.node = node;
    this.episode = episode;
    this.topics = topics;
    this.periodNanos = periodNanos;
    this.timeoutNanos = timeoutNanos;
    this.commanders = commanders;
  }

  @Override
  public long begin() {
    stampNanos += periodNanos;
    publish();
    return stampNanos;
  }

  @Override
  public void command(JointTrajectory message) {
    long answersNanos = Stamps.nanos(message.header().stamp());
    if (answersNanos != stampNanos) {
      strayNanos = answersNanos;
      return;
    }
    if (!episode.running()) {
      return;
    }
    strayNanos = 0;
    try {
      episode.command(CommandReader.positions(message, topics.joints()));
    } catch (IllegalArgumentException e) {
      node.logger().log(Level.ERROR, "command refused, the arm holds: " + e.getMessage());
      episode.hold();
    }
    var ending = episode.tick();
    stampNanos += periodNanos;
    publish();
    ending.ifPresent(how -> topics.outcome(stampNanos, how));
  }

  @Override
  public long watchPeriodNanos() {
    return REPEAT_NANOS;
  }

  @Override
  public void watch() {
    boolean overdue = episode.running() && System.nanoTime() - missingSince >= timeoutNanos;
    if (overdue) {
      node.logger().log(Level.WARNING, complaint());
      missingSince = System.nanoTime();
    }
    if (overdue || (episode.running() && !episode.commanded())) {
      topics.observation(stampNanos, episode.readings(), episode.demonstration());
    }
  }

  private void publish() {
    topics.observation(stampNanos, episode.readings(), episode.demonstration());
    missingSince = System.nanoTime();
  }

  private String complaint() {
    String why;
    if (commanders.getAsInt() == 0) {
      why = "nobody publishes on joint_trajectory; start the robot node";
    } else if (topics.listeners() == 0) {
      why = "nobody listens to joint_states; check the names and domains of the nodes";
    } else if (strayNanos != 0) {
      why =
          "the newest one on joint_trajectory answers %s; a command must carry the stamp of its observation"
              .formatted(seconds(strayNanos));
    } else {
      why = "the publisher of joint_trajectory is silent; has it a goal?";
    }
    return "no command for the observation of %s since %s: %s; it is published again"
        .formatted(seconds(stampNanos), seconds(timeoutNanos), why);
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.3f s", nanos / 1e9);
  }
}
