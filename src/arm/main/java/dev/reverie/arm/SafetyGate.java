package dev.reverie.arm;

import dev.reverie.arm.Urdf.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the last word before the arm: a target passes if it is finite and answers a fresh
 * measurement; it is brought within the joint limits of the URDF and the workspace. Whatever the
 * policy or a person asks for goes through here. Not thread-safe.
 */
public final class SafetyGate {
  private final List<String> joints;
  private final Limits[] limits;
  private final Optional<TipWorkspace> workspace;
  private final double periodS;
  private final double maxAgeS;

  /**
   * Creates the gate of an arm.
   *
   * @param joints order of the positions
   * @param periodS time in which a target is to be reached
   * @param maxAgeS of the measurement that a target answers
   */
  SafetyGate(
      Urdf urdf,
      List<String> joints,
      Optional<TipWorkspace> workspace,
      double periodS,
      double maxAgeS) {
    this.joints = joints;
    this.limits = joints.stream().map(j -> urdf.moving(j).limits()).toArray(Limits[]::new);
    this.workspace = workspace;
    this.periodS = periodS;
    this.maxAgeS = maxAgeS;
  }

  /**
   * Decides whether a target may be sent, and cuts it to the limits.
   *
   * @param measured rad
   * @param ageS of the measurement; negative where its clock runs ahead
   * @param target rad
   */
  public Verdict check(double[] measured, double ageS, double[] target) {
    if (!(Math.abs(ageS) <= maxAgeS)) {
      return new Verdict.Stale();
    }
    for (int i = 0; i < target.length; i++) {
      if (!Double.isFinite(measured[i]) || !Double.isFinite(target[i])) {
        return new Verdict.NotFinite(joints.get(i), measured[i], target[i]);
      }
    }
    double[] positions = target.clone();
    List<Limit> hit = new ArrayList<>(0);
    limitPositions(positions, hit);
    limitVelocity(measured, positions, hit);
    workspace.ifPresent(w -> w.limit(measured, positions, hit));
    return new Verdict.Allowed(positions, hit);
  }

  private void limitPositions(double[] positions, List<Limit> hit) {
    for (int i = 0; i < positions.length; i++) {
      double bounded = Math.clamp(positions[i], limits[i].lower(), limits[i].upper());
      if (bounded != positions[i]) {
        hit.add(
            Limit.of(
                Limit.Kind.POSITION,
                "position of %s: %.4f to %.4f rad",
                joints.get(i),
                positions[i],
                bounded));
        positions[i] = bounded;
      }
    }
  }

  /** Shortens the whole step, so that the path keeps its direction. */
  private void limitVelocity(double[] measured, double[] positions, List<Limit> hit) {
    double fraction = 1;
    int slowest = -1;
    for (int i = 0; i < positions.length; i++) {
      double velocity = Math.abs(positions[i] - measured[i]) / periodS;
      if (velocity > limits[i].velocity() && limits[i].velocity() / velocity < fraction) {
        fraction = limits[i].velocity() / velocity;
        slowest = i;
      }
    }
    if (slowest >= 0) {
      hit.add(
          Limit.of(
              Limit.Kind.VELOCITY,
              "velocity of %s: %.3f to %.3f rad/s",
              joints.get(slowest),
              Math.abs(positions[slowest] - measured[slowest]) / periodS,
              limits[slowest].velocity()));
      for (int i = 0; i < positions.length; i++) {
        positions[i] = measured[i] + fraction * (positions[i] - measured[i]);
      }
    }
  }
}
