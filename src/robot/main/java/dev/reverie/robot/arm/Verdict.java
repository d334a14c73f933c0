package dev.reverie.robot.arm;

import java.util.List;

/** What the safety gate says to a target. */
public sealed interface Verdict {

  /**
   * The target may be sent.
   *
   * @param positions rad, in the order of the joints
   * @param clamped what was changed to keep it within limits, and why; empty where nothing was
   */
  record Allowed(double[] positions, List<String> clamped) implements Verdict {}

  /** Nothing may be sent but a hold. */
  record Refused(String reason) implements Verdict {}
}
