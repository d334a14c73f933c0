package dev.reverie.robot.setup;

/** The rule by which commands go beside the arm instead of to it. */
public enum ShadowMode {
  /** While the policy has never moved the arm of the arm file; never without one. */
  AUTO,
  ALWAYS,
  NEVER
}
