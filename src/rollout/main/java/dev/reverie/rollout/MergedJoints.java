package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Merges joint states by name: an arm's driver and its gripper's may publish apart, each its own
 * joints at its own rate. A robot node, a replay and a reader of bags that hear the same messages
 * get the same states. Not thread-safe.
 *
 * <p>A message makes a state: its own positions, and of the other joints those that were heard
 * last. The state has the message's stamp, each joint keeps its own. A message that lacks joints
 * and is stamped before the last state makes none, but its joints count from the next one on. Of
 * two states of one stamp the later one holds.
 */
public final class MergedJoints {
  /** A joint's stamp that falls back further is no late message: its clock was set back. */
  public static final long JUMP_NANOS = 500_000_000L;

  /**
   * Positions of all joints.
   *
   * @param stampNanos of the message that made it
   * @param readings in the order of the joints
   */
  public record State(long stampNanos, List<JointReading> readings) {
    /** Positions in the order of the joints; NaN where one is not known. */
    public double[] positions() {
      return readings.stream().mapToDouble(JointReading::position).toArray();
    }
  }

  private final List<String> names;
  private final List<JointReading> readings;
  private long newestStampNanos = JointReading.NEVER_NANOS;

  /**
   * Begins without any.
   *
   * @param names of the joints in messages
   */
  public MergedJoints(List<String> names) {
    this.names = List.copyOf(names);
    readings = new ArrayList<>(Collections.nCopies(names.size(), JointReading.NEVER));
  }

  /** Returns what was heard last of each joint. */
  public List<JointReading> readings() {
    return List.copyOf(readings);
  }

  /**
   * Returns whether a message has velocities or efforts alone: it tells where no joint is, and one
   * with the positions may come beside it.
   */
  public static boolean tellsNoPositions(JointState message) {
    return message.position().length == 0
        && (message.velocity().length > 0 || message.effort().length > 0);
  }

  /** Merges a message; empty where it makes no state. */
  public Optional<State> add(JointState message, JointReading.Source source) {
    if (tellsNoPositions(message)) {
      return Optional.empty();
    }
    long stamp = Stamps.nanos(message.header().stamp());
    JointReading[] told = new JointReading[names.size()];
    int count = 0;
    boolean jumped = false;
    for (int i = 0; i < told.length; i++) {
      int at = message.name().indexOf(names.get(i));
      told[i] = JointReading.NEVER;
      if (at >= 0) {
        double position = at < message.position().length ? message.position()[at] : Double.NaN;
        told[i] = new JointReading(position, stamp, source);
        count++;
        JointReading before = readings.get(i);
        jumped |= stamp != 0 && before.isKnown() && before.stampNanos() - stamp > JUMP_NANOS;
      }
    }
    if (count == 0) {
      return Optional.empty();
    }
    if (jumped) {
      Collections.fill(readings, JointReading.NEVER);
      newestStampNanos = JointReading.NEVER_NANOS;
    }
    for (int i = 0; i < told.length; i++) {
      if (told[i].isKnown() && (stamp == 0 || stamp >= readings.get(i).stampNanos())) {
        readings.set(i, told[i]);
      }
    }
    boolean whole = count == told.length;
    if (!whole && stamp < newestStampNanos && stamp != 0) {
      return Optional.empty();
    }
    newestStampNanos = Math.max(newestStampNanos, stamp);
    return Optional.of(new State(stamp, whole ? List.of(told) : readings()));
  }
}
