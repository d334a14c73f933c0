package dev.reverie.importer;

import dev.reverie.arm.JointSpace;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64MultiArray;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The commands of one topic over time: which of them is in force, and where it sends the arm. */
final class CommandTrack {
  /** Types of messages that command an arm. */
  static final Map<String, MessageType<?>> TYPES =
      Map.of(
          JointTrajectory.TYPE.name(),
          JointTrajectory.TYPE,
          JointState.TYPE.name(),
          JointState.TYPE,
          Float64MultiArray.TYPE.name(),
          Float64MultiArray.TYPE);

  private final List<String> joints;
  private final Mapping.Commands mapping;
  private final StrangeNumber strange = new StrangeNumber();
  private final NavigableMap<Long, List<Point>> commands = new TreeMap<>();
  private final Set<String> told = new TreeSet<>();
  private long unusable;

  /**
   * A position to which a command sends the arm.
   *
   * @param afterNanos since its beginning
   * @param positions rad, in the order of the arm's joints; NaN of those that it does not send
   */
  private record Point(long afterNanos, double[] positions) {}

  /** Begins without commands. */
  CommandTrack(List<String> joints, Mapping.Commands mapping) {
    this.joints = joints;
    this.mapping = mapping;
  }

  /**
   * Takes a message.
   *
   * @param nanos when it happened
   */
  void add(long nanos, Object message) {
    List<Point> points = new ArrayList<>();
    switch (message) {
      case JointTrajectory trajectory -> {
        told.addAll(trajectory.jointNames());
        for (JointTrajectoryPoint point : trajectory.points()) {
          points.add(
              new Point(
                  Stamps.nanos(point.timeFromStart()),
                  positions(trajectory.jointNames(), point.positions())));
        }
      }
      case JointState leader -> {
        told.addAll(leader.name());
        points.add(new Point(0, positions(leader.name(), leader.position())));
      }
      case Float64MultiArray row -> {
        told.addAll(mapping.entries());
        double[] positions = unknown();
        for (int i = 0; i < Math.min(row.data().length, mapping.entries().size()); i++) {
          int joint = joints.indexOf(mapping.entries().get(i));
          positions[joint] = position(joint, row.data()[i]);
        }
        points.add(new Point(0, positions));
      }
      default -> throw new IllegalStateException("a " + message.getClass() + " is no command");
    }
    points.removeIf(point -> Arrays.stream(point.positions).allMatch(Double::isNaN));
    if (points.isEmpty()) {
      unusable++;
    } else {
      commands.put(nanos, points);
    }
  }

  private double[] unknown() {
    double[] positions = new double[joints.size()];
    Arrays.fill(positions, Double.NaN);
    return positions;
  }

  private double[] positions(List<String> names, double[] values) {
    double[] positions = unknown();
    for (int i = 0; i < Math.min(names.size(), values.length); i++) {
      int joint = joints.indexOf(mapping.names().getOrDefault(names.get(i), ""));
      if (joint >= 0 && Double.isFinite(values[i])) {
        positions[joint] = position(joint, values[i]);
      }
    }
    return positions;
  }

  private double position(int joint, double value) {
    JointUnit unit = mapping.units().get(joint);
    if (Double.isFinite(value)) {
      strange.see(joints.get(joint), unit, value);
    }
    return unit.position(value);
  }

  /** Returns how long a command takes: until the last point of a trajectory. */
  long lastsNanos(long commandNanos) {
    return commands.getOrDefault(commandNanos, List.of()).stream()
        .mapToLong(Point::afterNanos)
        .max()
        .orElse(0);
  }

  /** Returns when commands came. */
  NavigableSet<Long> times() {
    return commands.navigableKeySet();
  }

  /** Number of messages that send no joint of the arm anywhere. */
  long unusable() {
    return unusable;
  }

  /** The names in messages. */
  Set<String> told() {
    return told;
  }

  /** The first number that cannot be in its joint's unit. */
  StrangeNumber strange() {
    return strange;
  }

  /** Returns whether a command is in force at a tick. */
  boolean inForce(long tickNanos) {
    return commands.floorKey(tickNanos + mapping.afterNanos()) != null;
  }

  /**
   * Puts in where the joints are to be a period after a tick; those that no command sends anywhere
   * stay as they are.
   *
   * @param measured says where a trajectory began
   * @param space of the joints: between two points a continuous one goes the short way
   * @param targets rad, changed
   */
  void target(
      long tickNanos, long periodNanos, JointTrack measured, JointSpace space, double[] targets) {
    Map.Entry<Long, List<Point>> command = commands.floorEntry(tickNanos + mapping.afterNanos());
    if (command == null) {
      return;
    }
    List<Point> points = command.getValue();
    long since = Math.max(tickNanos, command.getKey()) + periodNanos - command.getKey();
    double[] begin = measured.at(command.getKey(), space);
    Point before = new Point(0, begin.length == 0 ? points.getFirst().positions : begin);
    Point after = points.getLast();
    for (Point point : points) {
      if (point.afterNanos >= since) {
        after = point;
        break;
      }
      before = point;
    }
    double span = after.afterNanos - before.afterNanos;
    double share = span <= 0 ? 1 : Math.clamp((since - before.afterNanos) / span, 0, 1);
    for (int j = 0; j < targets.length; j++) {
      if (!Double.isNaN(after.positions[j])) {
        double from = Double.isNaN(before.positions[j]) ? after.positions[j] : before.positions[j];
        targets[j] = after.positions[j] - (1 - share) * space.shortest(j, from, after.positions[j]);
      }
    }
  }
}
