package dev.reverie.lerobot;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The unit of a number in a dataset: what it is in rad, or in m where a joint pushes.
 *
 * @param word as it is said
 * @param scale of one
 * @param offset of zero
 * @param least number that may stand in the dataset
 * @param greatest number that may stand in the dataset
 */
record JointUnit(String word, double scale, double offset, double least, double greatest) {
  /** More than two turns: no joint's angle. */
  private static final double MAX_ANGLE_RAD = 4 * Math.PI;

  private static final double NONE = -0.0; // which leaves every number as it is, -0.0 too

  static final JointUnit RAD = new JointUnit("rad", 1, NONE, -MAX_ANGLE_RAD, MAX_ANGLE_RAD);
  static final JointUnit DEG = new JointUnit("deg", Math.PI / 180, NONE, -720, 720);

  /** Share of a range by which numbers may lie beyond it. */
  private static final double BEYOND = 0.01;

  private static final String NUMBER = "([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)";
  private static final Pattern RANGE =
      Pattern.compile(NUMBER + "\\.\\." + NUMBER + ":" + NUMBER + "\\.\\." + NUMBER);

  /**
   * Reads {@code rad}, {@code deg}, or a range and what its ends are: {@code -100..100:-1.9..1.9}.
   *
   * @param where for the message
   */
  static JointUnit of(String text, String where) {
    switch (text.toLowerCase(Locale.ROOT)) {
      case "rad" -> {
        return RAD;
      }
      case "deg" -> {
        return DEG;
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
      throw new LerobotException(
          "%s is '%s'; give rad, deg, or FROM..TO:LOWER..UPPER, such as -100..100:-1.92..1.92: from where to where the dataset's numbers go, and what these are in rad, or in m where the joint pushes"
              .formatted(where, text));
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

  /**
   * Converts where a joint is.
   *
   * @param what for the message where the number cannot be in this unit
   * @param joint for the same
   */
  double position(double value, String what, String joint) {
    if (!(value >= least && value <= greatest)) {
      throw new LerobotException(
          "%s has %.4g for '%s', which is no %s; %s"
              .formatted(what, value, joint, noun(), remedy(joint)));
    }
    return value * scale + offset;
  }

  /** Converts how far a joint goes. */
  double step(double value) {
    return value * scale;
  }

  /** Returns whether it is rad or deg. */
  boolean isAngle() {
    return equals(RAD) || equals(DEG);
  }

  private String noun() {
    return isAngle() ? "joint's angle in " + word : "number of " + word;
  }

  private String remedy(String joint) {
    if (!isAngle()) {
      return "give the range that it has with --joint-unit " + joint;
    }
    return "%swhere 100 is the end of the joint's range, --joint-unit %s=-100..100:LOWER..UPPER"
        .formatted(equals(RAD) ? "where the dataset has degrees, give --unit deg; " : "", joint);
  }
}
