package dev.reverie.lerobot;

import dev.reverie.importer.JointUnit;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The units of a dataset's numbers. The format has no place for them, and the robots of LeRobot
 * record degrees, or what part of its range a joint has (-100 to 100, grippers 0 to 100), by a
 * setting that no dataset tells. Numbers of which none goes beyond a turn are taken as rad, and
 * that is told; others are asked for.
 *
 * @param joints names of the state's entries
 * @param each unit of each
 * @param turns unit of the angles by which a tip turns
 * @param notices what was taken without being told
 */
record JointUnits(
    List<String> joints, List<JointUnit> each, JointUnit turns, List<String> notices) {
  private static final Pattern GRIPPER =
      Pattern.compile(".*(gripper|finger|jaw|claw).*", Pattern.CASE_INSENSITIVE);

  /** Beyond it no number is taken as rad unless that is said: degrees and parts of a range are. */
  private static final double TURN = 2 * Math.PI;

  /** Value at which LeRobot cuts off what lies beyond a joint's range. */
  private static final double FULL = 100;

  /**
   * Works the units out.
   *
   * @param names of the state's entries in the dataset
   * @param joints what they are called
   * @param extremes of the state
   * @throws LerobotException where a unit is not known, with the option that says it
   */
  static JointUnits of(
      DatasetInfo info,
      List<String> names,
      List<String> joints,
      DatasetReader.Extremes extremes,
      Import options) {
    Map<String, String> told = options.jointUnits();
    for (String joint : told.keySet()) {
      if (!joints.contains(joint)) {
        throw new LerobotException(
            "--joint-unit names '%s', which is none of the dataset's joints; nearest: %s"
                .formatted(joint, NearestNames.of(joint, joints)));
      }
    }
    boolean exported = info.features().containsKey(Keys.POLICY_ACTION);
    Optional<String> taken =
        exported || options.unit().isPresent()
            ? Optional.empty()
            : takenAsRad(joints, told.keySet(), extremes);
    Optional<JointUnit> all =
        options
            .unit()
            .or(() -> exported || taken.isPresent() ? Optional.of(JointUnit.RAD) : none());
    List<JointUnit> each = new ArrayList<>();
    List<String> asked = new ArrayList<>();
    for (int i = 0; i < joints.size(); i++) {
      String joint = joints.get(i);
      boolean gripper = !exported && isGripper(joint);
      if (told.containsKey(joint)) {
        each.add(unit(told.getOrDefault(joint, ""), "--joint-unit " + joint));
      } else if (all.isPresent() && !gripper) {
        each.add(all.get());
      } else {
        asked.add(question(joint, gripper, extremes.of(i)));
        each.add(JointUnit.RAD);
      }
    }
    if (!asked.isEmpty()) {
      throw new LerobotException(question(info, names, all.isPresent(), asked));
    }
    if (all.filter(JointUnit.DEG::equals).isPresent()) {
      requireDegrees(joints, told, extremes);
    }
    List<String> notices = taken.stream().toList();
    var units = new JointUnits(joints, each, all.orElse(JointUnit.RAD), notices);
    for (int i = 0; i < joints.size(); i++) {
      for (double value : extremes.of(i)) {
        units.position(i, value, Keys.STATE);
      }
    }
    return units;
  }

  /**
   * Reads a unit.
   *
   * @param option for the message
   */
  static JointUnit unit(String text, String option) {
    try {
      return JointUnit.of(text);
    } catch (IllegalArgumentException e) {
      throw new LerobotException("%s %s".formatted(option, e.getMessage()), e);
    }
  }

  private static Optional<JointUnit> none() {
    return Optional.empty();
  }

  private static boolean isGripper(String joint) {
    return GRIPPER.matcher(joint).matches();
  }

  /**
   * Returns what is told where the joints of which no unit is told stay within a turn; else
   * nothing.
   */
  private static Optional<String> takenAsRad(
      List<String> joints, Set<String> told, DatasetReader.Extremes extremes) {
    List<Double> seen =
        IntStream.range(0, joints.size())
            .filter(i -> !told.contains(joints.get(i)) && !isGripper(joints.get(i)))
            .boxed()
            .flatMap(i -> extremes.of(i).stream())
            .toList();
    if (seen.isEmpty() || !seen.stream().allMatch(value -> Math.abs(value) <= TURN)) {
      return Optional.empty();
    }
    return Optional.of(
        "the dataset does not tell the unit of its joints; taken as rad, since none of their numbers (%s to %s) goes beyond a turn; where they are degrees, give --unit deg"
            .formatted(
                ImportPlan.number(Collections.min(seen)),
                ImportPlan.number(Collections.max(seen))));
  }

  /** One joint with what its numbers are by the statistics, and the option that says its unit. */
  private static String question(String joint, boolean gripper, List<Double> extremes) {
    String range = gripper ? "0..100" : "-100..100";
    String seen = "";
    if (extremes.stream().allMatch(Double::isFinite)) {
      double least = extremes.getFirst();
      double greatest = extremes.getLast();
      seen = " (%s to %s)".formatted(ImportPlan.number(least), ImportPlan.number(greatest));
      range = gripper && least > -0.1 && greatest < 1.1 ? "0..1" : range;
    }
    return "--joint-unit %s=%s:LOWER..UPPER%s".formatted(joint, range, seen);
  }

  private static String question(
      DatasetInfo info, List<String> names, boolean told, List<String> asked) {
    boolean own = names.stream().anyMatch(name -> name.endsWith(ImportPlan.POSITION));
    String robot = info.robotType().isEmpty() ? "" : " of robot_type '" + info.robotType() + "'";
    String habit =
        own
            ? ", and robots of LeRobot record degrees or -100 to 100 of a joint's range, grippers 0"
                + " to 100"
            : "";
    return told
        ? "the dataset%s does not tell the unit of a gripper%s; say what its numbers are in rad, or in m where it pushes, with %s, or that it is rad or deg"
            .formatted(robot, habit, String.join(" ", asked))
        : "the dataset%s does not tell the unit of its joints%s; give --unit rad or --unit deg, or of each that has another what its numbers are in rad: %s"
            .formatted(robot, habit, String.join(" ", asked));
  }

  /**
   * Refuses numbers that go to 100 exactly and never beyond: there LeRobot cuts off parts of a
   * range, not degrees.
   */
  private static void requireDegrees(
      List<String> joints, Map<String, String> told, DatasetReader.Extremes extremes) {
    List<String> full = new ArrayList<>();
    for (int i = 0; i < joints.size(); i++) {
      if (told.containsKey(joints.get(i))) {
        continue;
      }
      for (double value : extremes.of(i)) {
        if (Math.abs(value) > FULL + 1e-3) {
          return;
        }
        if (Math.abs(value) > FULL - 1e-3 && !full.contains(joints.get(i))) {
          full.add(joints.get(i));
        }
      }
    }
    if (!full.isEmpty()) {
      String first = full.getFirst();
      throw new LerobotException(
          "--unit deg: %s reach exactly 100, and no joint goes beyond, as parts of a joint's range do, not degrees; say what their ends are in rad with --joint-unit %s=-100..100:LOWER..UPPER and so on, or that it is degrees all the same: --joint-unit %s=deg"
              .formatted(full, first, first));
    }
  }

  /**
   * Converts where a joint is.
   *
   * @param what for the message where the number cannot be right
   */
  double position(int joint, double value, String what) {
    if (!Double.isFinite(value)) {
      throw new LerobotException(
          "%s has %s for '%s', which is no number; take the episode out of the dataset, or record it anew"
              .formatted(what, value, joints.get(joint)));
    }
    JointUnit unit = each.get(joint);
    if (!unit.holds(value)) {
      throw new LerobotException(
          "%s has %.4g for '%s', which is no %s; %s"
              .formatted(what, value, joints.get(joint), unit.noun(), remedy(unit, joint)));
    }
    return unit.position(value);
  }

  private String remedy(JointUnit unit, int joint) {
    if (!unit.isAngle()) {
      return "give the range that it has with --joint-unit " + joints.get(joint);
    }
    return "%swhere 100 is the end of the joint's range, --joint-unit %s=-100..100:LOWER..UPPER"
        .formatted(
            unit.equals(JointUnit.RAD) ? "where the dataset has degrees, give --unit deg; " : "",
            joints.get(joint));
  }

  /** Converts how far a joint goes. */
  double step(int joint, double value) {
    return each.get(joint).step(value);
  }

  /** Converts by how much a tip turns. */
  double turn(double value) {
    return turns.step(value);
  }
}
