package dev.reverie.importer;

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
  private final double unit;
  private final List<NavigableMap<Long, Double>> positions = new ArrayList<>();
  private final Set<String> told = new TreeSet<>();

  /**
   * Begins without measurements.
   *
   * @param names of the joints by their names in messages
   * @param unit rad of one
   */
  JointTrack(List<String> joints, Map<String, String> names, double unit) {
    this.joints = joints;
    this.names = names;
    this.unit = unit;
    joints.forEach(joint -> positions.add(new TreeMap<>()));
  }

  void add(long nanos, JointState state) {
    told.addAll(state.name());
    for (int i = 0; i < Math.min(state.name().size(), state.position().length); i++) {
      int joint = joints.indexOf(names.getOrDefault(state.name().get(i), ""));
      if (joint >= 0 && Double.isFinite(state.position()[i])) {
        positions.get(joint).put(nanos, state.position()[i] * unit);
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

  /** Largest position without its sign, rad. */
  double largest() {
    return positions.stream()
        .flatMap(of -> of.values().stream())
        .mapToDouble(Math::abs)
        .max()
        .orElse(0);
  }

  /** Positions between those that were measured, rad; empty where one is not known. */
  double[] at(long nanos) {
    double[] at = new double[joints.size()];
    for (int j = 0; j < at.length; j++) {
      at[j] = at(positions.get(j), nanos);
      if (Double.isNaN(at[j])) {
        return new double[0];
      }
    }
    return at;
  }

  private static double at(NavigableMap<Long, Double> of, long nanos) {
    Map.Entry<Long, Double> before = of.floorEntry(nanos);
    Map.Entry<Long, Double> after = of.ceilingEntry(nanos);
    if (before != null && after != null && after.getKey() - before.getKey() <= LONGEST_NANOS) {
      double share =
          after.getKey().equals(before.getKey())
              ? 0
              : (double) (nanos - before.getKey()) / (after.getKey() - before.getKey());
      return before.getValue() + share * (after.getValue() - before.getValue());
    }
    if (before != null && nanos - before.getKey() <= LONGEST_NANOS / 10) {
      return before.getValue();
    }
    return after != null && after.getKey() - nanos <= LONGEST_NANOS / 10
        ? after.getValue()
        : Double.NaN;
  }
}
