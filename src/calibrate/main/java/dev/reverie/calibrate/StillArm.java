package dev.reverie.calibrate;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells where an arm stands while it stands still: then it does not matter how late pictures are.
 */
final class StillArm {
  private static final long WINDOW_NANOS = 300_000_000L;
  private static final long KEPT_NANOS = 5_000_000_000L;

  private final double toleranceRad;
  private final Map<String, Deque<Sample>> samples = new HashMap<>();

  private record Sample(long stampNanos, double position) {}

  /**
   * Has seen nothing yet.
   *
   * @param toleranceRad a joint that moves by no more within 0.6 s stands still, rad or m
   */
  StillArm(double toleranceRad) {
    this.toleranceRad = toleranceRad;
  }

  /** Takes positions of some joints or all. */
  void add(JointState state) {
    long stamp = Stamps.nanos(state.header().stamp());
    if (stamp == 0) {
      throw new CalibrateException(
          "joint states of %s have no stamps; which picture they belong to cannot be told, set the driver to stamp them"
              .formatted(state.name()));
    }
    for (int i = 0; i < state.name().size() && i < state.position().length; i++) {
      Deque<Sample> joint = samples.computeIfAbsent(state.name().get(i), _ -> new ArrayDeque<>());
      joint.add(new Sample(stamp, state.position()[i]));
      while (joint.getFirst().stampNanos < stamp - KEPT_NANOS) {
        joint.removeFirst();
      }
    }
  }

  /**
   * The mean positions about a time, by name; empty where a joint moved then, or did not tell its
   * position.
   */
  Optional<Map<String, Double>> at(long stampNanos, List<String> joints) {
    Map<String, Double> positions = new HashMap<>();
    for (String joint : joints) {
      double[] near =
          samples.getOrDefault(joint, new ArrayDeque<>()).stream()
              .filter(s -> Math.abs(s.stampNanos - stampNanos) <= WINDOW_NANOS)
              .mapToDouble(Sample::position)
              .toArray();
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      double sum = 0;
      for (double position : near) {
        double way = Math.IEEEremainder(position - near[0], 2 * Math.PI); // a turn is no motion
        least = Math.min(least, way);
        most = Math.max(most, way);
        sum += way;
      }
      if (near.length < 2 || !(most - least <= toleranceRad)) {
        return Optional.empty();
      }
      positions.put(joint, near[0] + sum / near.length);
    }
    return Optional.of(positions);
  }

  /** Returns why the arm was never found still: what a person can mend. */
  String trouble(long stampNanos, List<String> joints) {
    List<String> silent = joints.stream().filter(joint -> !samples.containsKey(joint)).toList();
    if (!silent.isEmpty()) {
      return "no position of the joints %s came, only of %s; name the right --joint-states, or --tip"
          .formatted(silent, samples.keySet().stream().sorted().toList());
    }
    long newest =
        joints.stream()
            .mapToLong(
                joint -> samples.getOrDefault(joint, new ArrayDeque<>()).getLast().stampNanos)
            .min()
            .orElse(stampNanos);
    double apart = (stampNanos - newest) / 1e9;
    return Math.abs(apart) > 1
        ? "stamps of pictures and joint states are %.1f s apart; use one clock on both machines"
            .formatted(apart)
        : "let the arm stand still for a second at each pose, or give a larger --still";
  }
}
