package dev.reverie.sim;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Measures what was asked of the joints, by differences between instants of even distance, and
 * counts the commands. For one thread at a time.
 */
final class MotionMeasure {
  private static final double STILL_RAD_PER_S = 0.01;
  private static final double MOVING_RAD_PER_S = 0.05;

  private final List<SceneModel.Joint> joints;
  private final double periodS;
  private final double velocityLimit;
  private final double[][] last = new double[4][]; // velocities, ..., of the newest instants
  private final double[] peaks = new double[3]; // velocity, acceleration, jerk
  private final Map<String, Integer> rejected = new TreeMap<>();
  private double[] before = {};
  private int instants;
  private int moves;
  private int accepted;
  private int standstills;
  private boolean moving;
  private int beyondPosition;
  private int beyondVelocity;
  private int late;

  /**
   * Begins to measure.
   *
   * @param periodS between the instants
   * @param velocityLimit beyond which an instant is counted, rad/s
   */
  MotionMeasure(List<SceneModel.Joint> joints, double periodS, double velocityLimit) {
    this.joints = joints;
    this.periodS = periodS;
    this.velocityLimit = velocityLimit;
  }

  /** A command was followed, or dropped for this reason. */
  void command(Optional<String> dropped) {
    if (dropped.isEmpty()) {
      accepted++;
    } else {
      rejected.merge(dropped.get(), 1, Integer::sum);
    }
  }

  /** The simulation came so many instants too late to keep its pace. */
  void late(int skipped) {
    late += skipped;
    Arrays.fill(last, null);
    before = new double[0];
  }

  /** Adds what is asked of the joints at the next instant. */
  void instant(double[] positions) {
    instants++;
    for (int i = 0; i < positions.length; i++) {
      SceneModel.Joint joint = joints.get(i);
      if (positions[i] < joint.lower() - 1e-9 || positions[i] > joint.upper() + 1e-9) {
        beyondPosition++;
      }
    }
    double[] difference =
        before.length == 0 ? new double[positions.length] : minus(positions, before);
    boolean known = before.length > 0;
    before = positions.clone();
    for (int order = 0; order < peaks.length && known; order++) {
      double largest = Arrays.stream(difference).map(Math::abs).max().orElse(0);
      peaks[order] = Math.max(peaks[order], largest);
      if (order == 0) {
        stand(largest);
        beyondVelocity += largest > velocityLimit ? 1 : 0;
      }
      double[] previous = last[order];
      last[order] = difference;
      known = previous != null;
      if (previous != null) {
        difference = minus(difference, previous);
      }
    }
  }

  private void stand(double velocity) {
    if (velocity > MOVING_RAD_PER_S) {
      moves += moving ? 0 : 1;
      moving = true;
    } else if (moving && velocity < STILL_RAD_PER_S) {
      moving = false;
      standstills++;
    }
  }

  private double[] minus(double[] a, double[] b) {
    double[] rate = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      rate[i] = (a[i] - b[i]) / periodS;
    }
    return rate;
  }

  /** Returns what was measured, as JSON; rad, s. */
  String json() {
    String reasons =
        rejected.entrySet().stream()
            .map(reason -> "\"%s\": %d".formatted(reason.getKey(), reason.getValue()))
            .collect(Collectors.joining(", ", "{", "}"));
    return String.format(
        Locale.ROOT,
        "{\"seconds\": %.3f, \"accepted\": %d, \"rejected\": %s, \"peak_velocity\": %.4f,"
            + " \"peak_acceleration\": %.3f, \"peak_jerk\": %.2f, \"moves\": %d,"
            + " \"standstills\": %d, \"beyond_position\": %d, \"beyond_velocity\": %d,"
            + " \"late_instants\": %d}",
        instants * periodS,
        accepted,
        reasons,
        peaks[0],
        peaks[1],
        peaks[2],
        moves,
        standstills,
        beyondPosition,
        beyondVelocity,
        late);
  }
}
