package dev.reverie.arm;

import java.util.List;

/** The safety gate's answer to a target. */
public sealed interface Verdict {
  /**
   * The target may be sent.
   *
   * @param positions rad, in the order of the joints
   * @param limits that it was brought within; empty where nothing was changed
   */
  record Allowed(double[] positions, List<Limit> limits) implements Verdict {}

  /** The measurement that the target answers is too old, or its clock runs ahead: only a hold. */
  record Stale() implements Verdict {}

  /**
   * No position is known to go to: only a hold.
   *
   * @param measured rad
   * @param target rad
   */
  record NotFinite(String joint, double measured, double target) implements Verdict {}
}
