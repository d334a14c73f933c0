package dev.reverie.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has the last word before the arm: a target passes if it is finite and answers a fresh
 * measurement; it is brought within the joints' bounds and the workspace, and a continuous joint
 * goes the short way. Whatever the policy or a person asks for goes through here. Not thread-safe.
 */
public final class SafetyGate {
  private final JointSpace space;
  private final Optional<TipWorkspace> workspace;
  private final double periodS;
  private final double maxAgeS;

  /**
   * Creates the gate of an arm.
   *
   * @param space the joints, in the order of the positions
   * @param periodS time in which a target is to be reached
   * @param maxAgeS of the measurement that a target answers
   */
  SafetyGate(JointSpace space, Optional<TipWorkspace> workspace, double periodS, double maxAgeS) {
    this.space = space;
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
        return new Verdict.NotFinite(space.of(i).joint(), measured[i], target[i]);
      }
    }
    double[] positions = space.nearest(measured, target);
    List<Limit> hit = new ArrayList<>(0);
    limitPositions(positions, hit);
    limitVelocity(measured, positions, hit);
    workspace.ifPresent(w -> w.limit(measured, positions, hit));
    return new Verdict.Allowed(positions, hit);
  }

  private void limitPositions(double[] positions, List<Limit> hit) {
    for (int i = 0; i < positions.length; i++) {
      double bounded = Math.clamp(positions[i], space.of(i).lower(), space.of(i).upper());
      if (bounded != positions[i]) {
        hit.add(
            Limit.of(
                Limit.Kind.POSITION,
                "position of %s: %.4f to %.4f %s",
                space.of(i).joint(),
                positions[i],
                bounded,
                space.of(i).unit()));
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
      double most = space.of(i).velocity();
      if (velocity > most && most / velocity < fraction) {
        fraction = most / velocity;
        slowest = i;
      }
    }
    if (slowest >= 0) {
      hit.add(
          Limit.of(
              Limit.Kind.VELOCITY,
              "velocity of %s: %.3f to %.3f %s/s",
              space.of(slowest).joint(),
              Math.abs(positions[slowest] - measured[slowest]) / periodS,
              space.of(slowest).velocity(),
              space.of(slowest).unit()));
      for (int i = 0; i < positions.length; i++) {
        positions[i] = measured[i] + fraction * (positions[i] - measured[i]);
      }
    }
  }
}
