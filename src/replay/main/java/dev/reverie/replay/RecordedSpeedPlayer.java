package dev.reverie.replay;

import dev.reverie.rollout.BagMessages.Message;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Plays every message that the node listens to when it was recorded, with the recorder's time on
 * /clock, as a stock player does.
 */
final class RecordedSpeedPlayer implements BagPlayer {
  /** Period of /clock between messages. */
  private static final long CLOCK_PERIOD_NANOS = 10_000_000L;

  /** Longest pause of a recording that is waited for. */
  private static final long LONGEST_PAUSE_NANOS = 10_000_000_000L;

  /** Skew above which a node finds everything stale: max_observation_age_s by default. */
  private static final long MOST_SKEW_NANOS = 300_000_000L;

  private final PlaybackArm arm;

  RecordedSpeedPlayer(PlaybackArm arm) {
    this.arm = arm;
  }

  @Override
  public void play(RecordedBag bag, Runnable last, BooleanSupplier ended) {
    RecordedTopics topics = bag.topics();
    if (Math.abs(topics.skewNanos()) > MOST_SKEW_NANOS) {
      throw new ReplayException(
          "the recorder's clock was %.3f s later than the stamps, so that everything would be stale; replay it in lock-step"
              .formatted(topics.skewNanos() / 1e9));
    }
    var time = new Time();
    boolean[] labelled = {false};
    bag.messages()
        .forEach(
            topics.names(),
            message -> {
              if (ended.getAsBoolean()) {
                return;
              }
              time.reach(message.logNanos());
              boolean isLast =
                  topics.part(message.topic()).isPresent()
                      && RecordedSnapshot.stampNanos(message.data()) >= bag.lastStampNanos();
              if (isLast && !labelled[0]) {
                labelled[0] = true;
                last.run();
              }
              publish(topics, message);
            });
  }

  private void publish(RecordedTopics topics, Message message) {
    topics
        .part(message.topic())
        .ifPresent(
            part -> {
              if (part == 0) {
                arm.joints(message.data());
              } else {
                arm.image(part - 1, message.data());
              }
            });
    topics.info(message.topic()).ifPresent(camera -> arm.info(camera, message.data()));
  }

  /** The recorder's time, as it passes. */
  private final class Time {
    private final long startNanos = System.nanoTime();
    private long zeroNanos; // recorder's time at the start
    private long nowNanos = Long.MIN_VALUE;

    /** Waits until it is this time, and says so. */
    void reach(long logNanos) {
      if (nowNanos == Long.MIN_VALUE) {
        zeroNanos = logNanos;
        nowNanos = logNanos;
        arm.time(logNanos);
      }
      if (logNanos - nowNanos > LONGEST_PAUSE_NANOS) {
        zeroNanos += logNanos - nowNanos;
        nowNanos = logNanos;
      }
      while (nowNanos < logNanos) {
        nowNanos = Math.min(logNanos, nowNanos + CLOCK_PERIOD_NANOS);
        waitUntil(startNanos + nowNanos - zeroNanos);
        arm.time(nowNanos);
      }
    }

    private static void waitUntil(long nanoTime) {
      for (long left = nanoTime - System.nanoTime();
          left > 0;
          left = nanoTime - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
    }
  }
}
