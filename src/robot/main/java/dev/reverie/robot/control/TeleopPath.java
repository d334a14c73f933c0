package dev.reverie.robot.control;

import dev.reverie.arm.JointSpace;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * A person's commands of late, as a path in time: commands and ticks come at times of their own,
 * and a tick takes what was commanded at an even time, a little ago, instead of what came last. It
 * looks back so far that this is nearly always there, and no farther. Times are those of {@link
 * System#nanoTime}. Not thread-safe.
 */
final class TeleopPath {
  /** Commands that are kept. */
  private static final int KEPT = 64;

  /** An older command belongs to another motion. */
  private static final long PAUSE_NANOS = 500_000_000L;

  /** It looks back so far at most. */
  private static final long MOST_BACK_NANOS = 150_000_000L;

  /** A person's motion is taken to go on so long at most, and only as long as between commands. */
  private static final long MOST_AHEAD_NANOS = 20_000_000L;

  /** Part of what a command was missed by that it looks back farther. */
  private static final double MISSED = 0.05;

  /** Part of what a command was there too early by that it looks back less. */
  private static final double EARLY = 0.0025;

  private final Deque<TeleopCommand> commands = new ArrayDeque<>(); // the newest last
  private double backNanos;
  private long looks;

  /** Takes a command; one of another person, or after a pause, begins anew. */
  void add(TeleopCommand command) {
    TeleopCommand before = commands.peekLast();
    if (before != null
        && (command.fault().isPresent()
            || command.stampNanos() != 0
            || !command.source().equals(before.source())
            || command.saidNanos() - before.saidNanos() > PAUSE_NANOS
            || command.saidNanos() - before.saidNanos() <= 0)) {
      commands.clear();
      looks = 0;
    }
    if (command.fault().isEmpty() && command.stampNanos() == 0) {
      commands.addLast(command);
    }
    if (commands.size() > KEPT) {
      commands.removeFirst();
    }
  }

  /**
   * Returns the newest command with the positions for a tick; as it is where it is alone.
   *
   * @param tickNanos even time of the tick
   * @param joints of the arm: between two positions a continuous joint goes the short way
   */
  TeleopCommand at(TeleopCommand newest, long tickNanos, JointSpace joints) {
    if (commands.size() < 2 || commands.peekLast() != newest) {
      return newest;
    }
    double missed = tickNanos - newest.saidNanos() - backNanos;
    if (missed < MOST_BACK_NANOS) {
      looks++;
      backNanos += missed * Math.max(missed > 0 ? MISSED : EARLY, 1.0 / looks);
      backNanos = Math.clamp(backNanos, 0, MOST_BACK_NANOS);
    }
    return newest.withPositions(positions(tickNanos - (long) backNanos, joints));
  }

  private double[] positions(long nanos, JointSpace joints) {
    Iterator<TeleopCommand> back = commands.descendingIterator();
    TeleopCommand later = back.next();
    TeleopCommand earlier = back.next();
    long ahead = nanos - later.saidNanos();
    if (ahead > 0) {
      long most = Math.min(later.saidNanos() - earlier.saidNanos(), MOST_AHEAD_NANOS);
      long on = Math.max(0, Math.min(ahead, 2 * most - ahead)); // then back to what was commanded
      return between(earlier, later, later.saidNanos() + on, joints);
    }
    while (earlier.saidNanos() - nanos > 0 && back.hasNext()) {
      later = earlier;
      earlier = back.next();
    }
    return between(earlier, later, Math.max(nanos, earlier.saidNanos()), joints);
  }

  private static double[] between(
      TeleopCommand earlier, TeleopCommand later, long nanos, JointSpace joints) {
    double part =
        (double) (nanos - earlier.saidNanos()) / (later.saidNanos() - earlier.saidNanos());
    double[] positions = earlier.positions().clone();
    for (int j = 0; j < positions.length; j++) {
      positions[j] += part * joints.shortest(j, positions[j], later.positions()[j]);
    }
    return positions;
  }
}
