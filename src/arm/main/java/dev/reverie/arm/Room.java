package dev.reverie.arm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Tells at start whether the boxes about an arm leave it a pose at all, by looking for one: poses
 * at random, then small changes of the best of them. A gate whose boxes leave none would let the
 * arm do what it did already, as what is inside of a box may move as long as it goes no deeper.
 */
final class Room {
  private static final int POSES = 400;
  private static final int STARTS = 12;
  private static final int CHANGES = 250;

  /** Change of a pose at first, in shares of each joint's range; it becomes smaller. */
  private static final double WIDEST = 0.2;

  private static final double NARROWER = 0.98;

  private final JointSpace joints;
  private final Random random = new Random(1);

  /**
   * A box, or boxes, that the arm must be right with.
   *
   * @param name in the arm file
   * @param fault what is wrong at joint positions
   * @param remedy what a person can do
   */
  record Rule(String name, Function<double[], Fault> fault, String remedy) {}

  /**
   * A fault of a pose.
   *
   * @param depth of what is where it may not be, m; no more than a millimetre: nothing is wrong
   * @param told the same in words
   */
  record Fault(double depth, String told) {}

  private record Pose(double[] positions, Fault fault) {}

  private Room(JointSpace joints) {
    this.joints = joints;
  }

  /**
   * Refuses boxes that leave the arm no pose, each alone and then all together.
   *
   * @param slack depth that is allowed, m
   * @throws ArmException where no pose was found
   */
  static void require(JointSpace joints, List<Rule> rules, double slack) {
    for (Rule rule : rules) {
      Fault best = new Room(joints).best(rule.fault, slack);
      if (best.depth > slack) {
        throw new ArmException(
            "%s leaves the arm no pose: %s at the best one; %s"
                .formatted(rule.name, best.told, rule.remedy));
      }
    }
    if (rules.size() > 1) {
      Fault best = new Room(joints).best(positions -> worst(rules, positions), slack);
      if (best.depth > slack) {
        throw new ArmException(
            "%s together leave the arm no pose: %s at the best one; make keep-out boxes smaller, or the workspace larger"
                .formatted(
                    rules.stream().map(Rule::name).collect(Collectors.joining(", ")), best.told));
      }
    }
  }

  private static Fault worst(List<Rule> rules, double[] positions) {
    return rules.stream()
        .map(rule -> rule.fault.apply(positions))
        .max(Comparator.comparingDouble(Fault::depth))
        .orElseThrow();
  }

  /** Returns what is wrong at the best pose; the first at which nothing is ends the search. */
  private Fault best(Function<double[], Fault> fault, double slack) {
    List<Pose> poses = new ArrayList<>();
    for (int i = 0; i < POSES; i++) {
      Pose pose = pose(anywhere(), fault);
      if (pose.fault.depth <= slack) {
        return pose.fault;
      }
      poses.add(pose);
    }
    poses.sort(Comparator.comparingDouble(p -> p.fault.depth));
    Fault best = poses.getFirst().fault;
    for (Pose start : poses.subList(0, STARTS)) {
      Pose at = start;
      double width = WIDEST;
      for (int i = 0; i < CHANGES && at.fault.depth > slack; i++) {
        Pose next = pose(near(at.positions, width), fault);
        at = next.fault.depth < at.fault.depth ? next : at;
        width *= NARROWER;
      }
      best = at.fault.depth < best.depth ? at.fault : best;
      if (best.depth <= slack) {
        return best;
      }
    }
    return best;
  }

  private static Pose pose(double[] positions, Function<double[], Fault> fault) {
    return new Pose(positions, fault.apply(positions));
  }

  private double[] anywhere() {
    double[] positions = new double[joints.size()];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = lower(i) + random.nextDouble() * span(i);
    }
    return positions;
  }

  private double[] near(double[] positions, double width) {
    double[] changed = positions.clone();
    for (int i = 0; i < changed.length; i++) {
      double to = changed[i] + random.nextGaussian() * width * span(i);
      changed[i] = Math.clamp(to, lower(i), lower(i) + span(i));
    }
    return changed;
  }

  /** Returns the lower end of joint i; of one without end, of a turn or of two metres. */
  private double lower(int i) {
    JointBounds bounds = joints.of(i);
    if (Double.isFinite(bounds.lower())) {
      return bounds.lower();
    }
    return Double.isFinite(bounds.upper()) ? bounds.upper() - endless(i) : -endless(i) / 2;
  }

  private double span(int i) {
    double span = joints.of(i).upper() - joints.of(i).lower();
    return Double.isFinite(span) ? span : endless(i);
  }

  private double endless(int i) {
    return joints.of(i).unit().equals("m") ? 2 : 2 * Math.PI;
  }
}
