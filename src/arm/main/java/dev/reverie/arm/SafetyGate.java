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
  /** An arm may be so far behind what it is asked for, s: servos are. */
  private static final double LAG_S = 0.2;

  /**
   * While the arm may not move fast, a target is no farther than it may go in a period, or so long,
   * s.
   */
  private static final double RAMP_REACH_S = 0.1;

  private final JointSpace space;
  private final Optional<TipWorkspace> workspace;
  private final Optional<Boxes> boxes;
  private final double periodS;
  private final double maxAgeS;

  /**
   * Creates the gate of an arm.
   *
   * @param space the joints, in the order of the positions
   * @param periodS time in which a target is to be reached
   * @param maxAgeS of the measurement that a target answers
   */
  SafetyGate(
      JointSpace space,
      Optional<TipWorkspace> workspace,
      Optional<Boxes> boxes,
      double periodS,
      double maxAgeS) {
    this.space = space;
    this.workspace = workspace;
    this.boxes = boxes;
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
    Optional<Verdict> refused = refused(measured, ageS, target);
    if (refused.isPresent()) {
      return refused.get();
    }
    double[] positions = space.nearest(measured, target);
    List<Limit> hit = new ArrayList<>(0);
    limitPositions(positions, hit);
    limitVelocity(measured, positions, hit);
    limitPlace(measured, positions, hit);
    return new Verdict.Allowed(positions, hit);
  }

  /**
   * Decides whether a target may be sent to an arm that goes on from what it was told before, and
   * cuts it to the limits: from there and from where it is measured. A measurement far from the
   * last command does not move the arm, it only keeps it from going farther away.
   *
   * @param measured rad
   * @param ageS of the measurement; negative where its clock runs ahead
   * @param before what the arm was told before, rad
   * @param share of the velocity limits that holds, in (0, 1]
   * @param target rad
   */
  public Verdict check(
      double[] measured, double ageS, double[] before, double share, double[] target) {
    Optional<Verdict> refused = refused(measured, ageS, target);
    if (refused.isPresent()) {
      return refused.get();
    }
    List<Limit> hit = new ArrayList<>(0);
    double[] positions = space.nearest(before, target);
    limitPositions(positions, hit);
    limitStep(before, share, positions, hit);
    limitReach(measured, before, share, positions, hit);
    limitPlace(before, positions, hit);
    return new Verdict.Allowed(positions, hit);
  }

  /**
   * Brings a target that lies ahead within the limits, as far as they are known now.
   *
   * @param from the target before it
   * @return empty where it is no number
   */
  public Optional<double[]> ahead(double[] from, double share, double[] target) {
    for (double position : target) {
      if (!Double.isFinite(position)) {
        return Optional.empty();
      }
    }
    List<Limit> hit = new ArrayList<>(0);
    double[] positions = space.nearest(from, target);
    limitPositions(positions, hit);
    limitStep(from, share, positions, hit);
    limitPlace(from, positions, hit);
    return Optional.of(positions);
  }

  /** Returns why nothing may be sent, if so. */
  private Optional<Verdict> refused(double[] measured, double ageS, double[] target) {
    if (!(Math.abs(ageS) <= maxAgeS)) {
      return Optional.of(new Verdict.Stale());
    }
    for (int i = 0; i < target.length; i++) {
      if (!Double.isFinite(measured[i]) || !Double.isFinite(target[i])) {
        return Optional.of(new Verdict.NotFinite(space.of(i).joint(), measured[i], target[i]));
      }
    }
    return Optional.empty();
  }

  /** Shortens the whole step where it leads tip or links where they may not be. */
  private void limitPlace(double[] from, double[] positions, List<Limit> hit) {
    workspace.ifPresent(w -> w.limit(from, positions, hit));
    boxes.ifPresent(b -> b.limit(from, positions, hit));
  }

  /** Shortens the whole step from the last command. */
  private void limitStep(double[] before, double share, double[] positions, List<Limit> hit) {
    double fraction = 1;
    int slowest = -1;
    for (int i = 0; i < positions.length; i++) {
      double way = Math.abs(positions[i] - before[i]);
      double most = Math.min(share * space.of(i).velocity() * periodS, space.of(i).step());
      if (way > most && most / way < fraction) {
        fraction = most / way;
        slowest = i;
      }
    }
    if (slowest < 0) {
      return;
    }
    JointBounds bounds = space.of(slowest);
    double way = Math.abs(positions[slowest] - before[slowest]);
    if (fraction * way >= bounds.step()) {
      hit.add(
          Limit.of(
              Limit.Kind.STEP,
              "step of %s: %.4f to %.4f %s",
              bounds.joint(),
              way,
              bounds.step(),
              bounds.unit()));
    } else {
      boolean ramp = way <= bounds.velocity() * periodS;
      hit.add(
          Limit.of(
              ramp ? Limit.Kind.RAMP : Limit.Kind.VELOCITY,
              ramp ? "first motion of %s: %.3f to %.3f %s/s" : "velocity of %s: %.3f to %.3f %s/s",
              bounds.joint(),
              way / periodS,
              share * bounds.velocity(),
              bounds.unit()));
    }
    Ways.shorten(before, fraction, positions);
  }

  /** Shortens the whole step where it leads too far from where the arm is. */
  private void limitReach(
      double[] measured, double[] before, double share, double[] positions, List<Limit> hit) {
    double fraction = 1;
    int farthest = -1;
    for (int i = 0; i < positions.length; i++) {
      double behind = before[i] - space.nearest(i, before[i], measured[i]);
      double way = positions[i] - before[i];
      double reachS = share < 1 ? Math.max(periodS, RAMP_REACH_S) : periodS + LAG_S;
      double most = Math.max(share * space.of(i).velocity() * reachS, Math.abs(behind));
      if (Math.abs(behind + way) > most * (1 + 1e-9)) {
        double allowed = (Math.copySign(most, behind + way) - behind) / way;
        if (allowed < fraction) {
          fraction = Math.max(allowed, 0);
          farthest = i;
        }
      }
    }
    if (farthest >= 0) {
      JointBounds bounds = space.of(farthest);
      hit.add(
          Limit.of(
              share < 1 ? Limit.Kind.RAMP : Limit.Kind.VELOCITY,
              "way of %s from where it is measured: %.4f %s; shortened to %.0f %%",
              bounds.joint(),
              Math.abs(
                  positions[farthest]
                      - space.nearest(farthest, before[farthest], measured[farthest])),
              bounds.unit(),
              100 * fraction));
      Ways.shorten(before, fraction, positions);
    }
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
      Ways.shorten(measured, fraction, positions);
    }
  }
}
