package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Node;
import java.lang.System.Logger.Level;

/**
 * Runs episodes in real time, for people: a tick a period, whether commands come or not. The newest
 * command holds until the next one, also beyond the end of an episode.
 */
final class RealTime implements Pace {
  private final Node node;
  private final ArmEpisode episode;
  private final ArmTopics topics;
  private final long periodNanos;
  private long stampNanos;
  private long beganNanos;

  RealTime(Node node, ArmEpisode episode, ArmTopics topics, long periodNanos) {
    this.node = node;
    this.episode = episode;
    this.topics = topics;
    this.periodNanos = periodNanos;
  }

  @Override
  public long begin() {
    publish();
    beganNanos = stampNanos;
    return stampNanos;
  }

  @Override
  public void command(JointTrajectory message) {
    long answersNanos = Stamps.nanos(message.header().stamp());
    if (answersNanos != 0 && answersNanos < beganNanos) {
      return; // it was on its way when the arm was reset
    }
    try {
      episode.command(CommandReader.positions(message, topics.joints()));
    } catch (IllegalArgumentException e) {
      node.logger().log(Level.ERROR, "command refused, the arm holds: " + e.getMessage());
    }
  }

  @Override
  public long watchPeriodNanos() {
    return periodNanos;
  }

  @Override
  public void watch() {
    var ending = episode.tick();
    publish();
    ending.ifPresent(how -> topics.outcome(stampNanos, how));
  }

  private void publish() {
    stampNanos = Math.max(stampNanos + 1, node.clock().nowNanos()); // clocks may be set back
    topics.observation(stampNanos, episode.readings(), episode.demonstration());
  }
}
