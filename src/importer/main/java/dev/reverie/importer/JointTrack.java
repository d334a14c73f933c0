package dev.reverie.importer;

import dev.reverie.arm.JointSpace;
import dev.reverie.msgs.sensor_msgs.JointState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Measured positions over time, each joint by itself, of however many publishers. */
final class JointTrack {
  /** Between measurements that are further apart nothing is known. */
  private static final long LONGEST_NANOS = 250_000_000L;

  private final List<String> joints;
  private final Map<String, String> names;
  private final List<JointUnit> units;
  private final StrangeNumber strange = new StrangeNumber();
  private final List<NavigableMap<Long, Double>> positions = new ArrayList<>();
  private final Set<String> told = new TreeSet<>();

  /**
   * Begins without measurements.
   *
   * @param names of the joints by their names in messages
   * @param units of the joints
   */
  JointTrack(List<String> joints, Map<String, String> names, List<JointUnit> units) {
    this.joints = joints;
    this.names = names;
    this.units = units;
    joints.forEach(joint -> positions.add(new TreeMap<>()));
  }

  void add(long nanos, JointState state) {
    told.addAll(state.name());
    for (int i = 0; i < Math.min(state.name().size(), state.position().length); i++) {
      int joint = joints.indexOf(names.getOrDefault(state.name().get(i), ""));
      if (joint >= 0 && Double.isFinite(state.position()[i])) {
        double value = state.position()[i];
        strange.see(joints.get(joint), units.get(joint), value);
        positions.get(joint).put(nanos, units.get(joint).position(value));
      }
    }
  }

  /** Joints that no message tells. */
  List<String> missing() {
    List<String> missing = new ArrayList<>(joints);
    missing.removeIf(joint -> !positions.get(joints.indexOf(joint)).isEmpty());
    return missing;
  }

  /** The names in messages. */
  Set<String> told() {
    return told;
  }

  /** The first number that cannot be in its joint's unit. */
  StrangeNumber strange() {
    return strange;
  }

  /** Returns whether the position of each joint is known at a time. */
  boolean knows(long nanos) {
    return positions.stream().noneMatch(of -> near(of, nanos).isEmpty());
  }

  /**
   * Positions between those that were measured, rad; empty where one is not known.
   *
   * @param space of the joints: a continuous one goes the short way
   */
  double[] at(long nanos, JointSpace space) {
    double[] at = new double[joints.size()];
    for (int j = 0; j < at.length; j++) {
      List<Map.Entry<Long, Double>> near = near(positions.get(j), nanos);
      if (near.isEmpty()) {
        return new double[0];
      }
      at[j] = between(space, j, near.getFirst(), near.getLast(), nanos);
    }
    return at;
  }

  private static double between(
      JointSpace space, int j, Map.Entry<Long, Double> from, Map.Entry<Long, Double> to, long at) {
    if (from.getKey().equals(to.getKey())) {
      return from.getValue();
    }
    double share = (double) (at - from.getKey()) / (to.getKey() - from.getKey());
    double way = space.shortest(j, from.getValue(), to.getValue());
    return share < 0.5 ? from.getValue() + share * way : to.getValue() - (1 - share) * way;
  }

  /** The measurements before and after, or one that is close; none where it is not known. */
  private static List<Map.Entry<Long, Double>> near(NavigableMap<Long, Double> of, long nanos) {
    Map.Entry<Long, Double> before = of.floorEntry(nanos);
    Map.Entry<Long, Double> after = of.ceilingEntry(nanos);
    if (before != null && after != null && after.getKey() - before.getKey() <= LONGEST_NANOS) {
      return List.of(before, after);
    }
    if (before != null && nanos - before.getKey() <= LONGEST_NANOS / 10) {
      return List.of(before);
    }
    return after != null && after.getKey() - nanos <= LONGEST_NANOS / 10
        ? List.of(after)
        : List.of();
  }
}
