package dev.reverie.importer;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The unit of a joint's numbers in a bag or dataset: what they are in rad, or in m where the joint
 * pushes.
 *
 * @param word as it is said
 * @param scale of one
 * @param offset of zero
 * @param least number that may stand there
 * @param greatest number that may stand there
 */
public record JointUnit(String word, double scale, double offset, double least, double greatest) {
  /** More than two turns: no joint's angle. */
  private static final double MAX_ANGLE_RAD = 4 * Math.PI;

  /** More than any rail's length. */
  private static final double MAX_WAY_M = 100;

  private static final double NONE = -0.0; // which leaves every number as it is, -0.0 too

  /** Radians, and metres where nothing else is said of a joint that pushes. */
  public static final JointUnit RAD = new JointUnit("rad", 1, NONE, -MAX_ANGLE_RAD, MAX_ANGLE_RAD);

  /** Degrees. */
  public static final JointUnit DEG = new JointUnit("deg", Math.PI / 180, NONE, -720, 720);

  /** Metres. */
  public static final JointUnit M = new JointUnit("m", 1, NONE, -MAX_WAY_M, MAX_WAY_M);

  /** Share of a range by which numbers may lie beyond it. */
  private static final double BEYOND = 0.01;

  private static final String NUMBER = "([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)";
  private static final Pattern RANGE =
      Pattern.compile(NUMBER + "\\.\\." + NUMBER + ":" + NUMBER + "\\.\\." + NUMBER);

  /**
   * Reads {@code rad}, {@code deg}, {@code m}, or a range and what its ends are: {@code
   * -100..100:-1.9..1.9}.
   *
   * @throws IllegalArgumentException where it is none of these, with what to give
   */
  public static JointUnit of(String text) {
    switch (text.toLowerCase(Locale.ROOT)) {
      case "rad" -> {
        return RAD;
      }
      case "deg" -> {
        return DEG;
      }
      case "m" -> {
        return M;
      }
      default -> {}
    }
    Matcher range = RANGE.matcher(text);
    double[] ends = new double[4];
    boolean sound = range.matches();
    for (int i = 0; sound && i < ends.length; i++) {
      ends[i] = number(range.group(i + 1));
      sound = Double.isFinite(ends[i]);
    }
    if (!sound || !(ends[0] < ends[1]) || ends[2] == ends[3]) {
      throw new IllegalArgumentException(
          "is '%s'; give rad, deg, m, or FROM..TO:LOWER..UPPER, such as -100..100:-1.92..1.92: from where to where the numbers go, and what these are in rad, or in m where the joint pushes"
              .formatted(text));
    }
    double scale = (ends[3] - ends[2]) / (ends[1] - ends[0]);
    double margin = BEYOND * (ends[1] - ends[0]);
    return new JointUnit(
        text, scale, ends[2] - scale * ends[0], ends[0] - margin, ends[1] + margin);
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** Returns whether a number can be in this unit: an angle of some turns is none in rad. */
  public boolean holds(double value) {
    return value >= least && value <= greatest;
  }

  /** Converts where a joint is. */
  public double position(double value) {
    return value * scale + offset;
  }

  /** Converts how far a joint goes. */
  public double step(double value) {
    return value * scale;
  }

  /** Returns whether it is rad or deg. */
  public boolean isAngle() {
    return equals(RAD) || equals(DEG);
  }

  /** Returns what a number of it is called: "joint's angle in deg". */
  public String noun() {
    return isAngle() ? "joint's angle in " + word : "number of " + word;
  }
}
