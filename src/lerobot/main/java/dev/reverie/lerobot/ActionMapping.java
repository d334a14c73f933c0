package dev.reverie.lerobot;

import dev.reverie.policy.ActionSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.joml.AxisAngle4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;

/**
 * Maps a dataset's action to that of a policy, normalised to [-1, 1]. Where only every nth frame is
 * kept, the action of a kept frame leads to where the last one before the next kept frame leads.
 */
final class ActionMapping {
  /** Largest distance from [-1, 1] that is taken as rounding. */
  private static final double ROUNDING = 1e-4;

  /** Directions in which a tip moves: along three axes, then about them. */
  private static final List<String> AXES = List.of("x", "y", "z", "rx", "ry", "rz");

  private static final int FIRST_TURN = 3; // in AXES

  private final Meaning meaning;
  private final int[] joint; // that an entry of the dataset's action moves; -1 where it moves a tip
  private final int[] axis; // in AXES, along or about which an entry moves the tip; -1 for joints
  private final List<Dimension> dimensions;
  private final Set<Integer> continuous; // joints that turn on and on
  private final boolean clamp;
  private final double[] moved = new double[FIRST_TURN]; // m since the kept frame
  private final Quaterniond turned = new Quaterniond(); // since the kept frame
  private double[] measured = {};
  private double[] reached = {}; // joint targets, rad; NaN where nothing tells one
  private long clamped;

  /** The meanings that a dataset's action may have. */
  enum Meaning {
    /** Targets, in the unit of the states. */
    JOINT_POSITIONS,
    /** Steps from the measured positions, in the unit of the states. */
    JOINT_DELTAS,
    /** Steps of the tip, metres along the axes and angles about them; targets of other joints. */
    END_EFFECTOR_DELTAS
  }

  /** The quantities that a dimension of the policy's action can stand for. */
  private enum Quantity {
    TARGET,
    STEP,
    TIP
  }

  /**
   * One number of the policy's action.
   *
   * @param index of the joint, or in {@link #AXES}
   * @param middle where the action is 0
   * @param scale from there to where it is 1
   */
  private record Dimension(
      String name, Quantity quantity, int index, double middle, double scale) {}

  private ActionMapping(
      Meaning meaning,
      int[] joint,
      int[] axis,
      List<Dimension> dimensions,
      Set<Integer> continuous,
      boolean clamp) {
    this.meaning = meaning;
    this.joint = joint;
    this.axis = axis;
    this.dimensions = List.copyOf(dimensions);
    this.continuous = Set.copyOf(continuous);
    this.clamp = clamp;
  }

  /**
   * Finds the mapping of a dataset's action to an action space.
   *
   * @param told what the action means; empty: as its names say
   * @param joints names of the state's entries
   * @param action names of the action's entries; empty where the dataset has none
   * @param size entries of the action
   * @param continuous joints that turn on and on
   * @param clamp whether what the policy cannot do is cut off instead of refused
   * @throws LerobotException where it cannot be expressed in the action space
   */
  static ActionMapping of(
      Optional<Meaning> told,
      List<String> joints,
      List<String> action,
      int size,
      ActionSpace space,
      Set<String> continuous,
      boolean clamp) {
    List<String> known = action.stream().map(name -> entry(name, joints)).toList();
    Meaning meaning = told.orElseGet(() -> guess(joints, known, action, size));
    boolean tip = meaning == Meaning.END_EFFECTOR_DELTAS;
    List<String> names = tip || movesJoints(known, size) ? known : joints;
    requireOrder(joints, known, names, action);
    if (names.size() != size || (tip && !movesTip(known))) {
      throw new LerobotException(
          "the dataset's action has %d entries %s, which are no %s of %s; say with --action what they are%s"
              .formatted(
                  size,
                  action,
                  word(meaning),
                  tip ? "%s and of the joints %s".formatted(AXES, joints) : joints,
                  tip ? ", and call its joints as they are called with --joint-names" : ""));
    }
    List<Dimension> dimensions = dimensions(space, joints);
    requireKinds(meaning, names, space);
    List<String> wanted = dimensions.stream().map(Dimension::name).toList();
    if (!names.containsAll(wanted)) {
      throw new LerobotException(
          "the policy moves %s, the dataset's action %s; name its entries with --joint-names"
              .formatted(wanted, names));
    }
    return new ActionMapping(
        meaning,
        names.stream()
            .mapToInt(name -> tip && AXES.contains(name) ? -1 : joints.indexOf(name))
            .toArray(),
        names.stream().mapToInt(name -> tip ? AXES.indexOf(name) : -1).toArray(),
        dimensions,
        continuous.stream().map(joints::indexOf).collect(Collectors.toSet()),
        clamp);
  }

  private static List<Dimension> dimensions(ActionSpace space, List<String> joints) {
    List<Dimension> dimensions = new ArrayList<>();
    for (ActionSpace part : space.each()) {
      switch (part) {
        case ActionSpace.JointPositions p -> {
          for (int i = 0; i < p.dimensions(); i++) {
            double min = p.minRad().get(i);
            double half = (p.maxRad().get(i) - min) / 2;
            String name = p.joints().get(i);
            dimensions.add(
                new Dimension(name, Quantity.TARGET, joints.indexOf(name), min + half, half));
          }
        }
        case ActionSpace.JointDeltas d -> {
          for (int i = 0; i < d.dimensions(); i++) {
            String name = d.joints().get(i);
            dimensions.add(
                new Dimension(name, Quantity.STEP, joints.indexOf(name), 0, d.scaleRad().get(i)));
          }
        }
        case ActionSpace.EndEffector e -> {
          tip(dimensions, e.axes(), e.scaleM());
          tip(dimensions, e.rotations(), e.scaleRad());
        }
        case ActionSpace.BinaryGripper g -> { // its action's sign counts
          double half = (g.open() - g.closed()) / 2;
          dimensions.add(
              new Dimension(
                  g.joint(), Quantity.TARGET, joints.indexOf(g.joint()), g.closed() + half, half));
        }
        case ActionSpace.EndEffectorPose p ->
            throw new LerobotException(
                "the policy's action is a pose of '%s', which cannot be had from the dataset's action without the arm's kinematics; import for a task whose action_space has the kind joint_positions or joint_deltas"
                    .formatted(p.tipLink()));
        case ActionSpace.Parts _ -> throw new IllegalStateException("parts have no parts");
      }
    }
    return dimensions;
  }

  private static void tip(List<Dimension> into, List<String> axes, List<Double> scale) {
    for (int i = 0; i < axes.size(); i++) {
      into.add(
          new Dimension(axes.get(i), Quantity.TIP, AXES.indexOf(axes.get(i)), 0, scale.get(i)));
    }
  }

  /** Refuses what only the arm's kinematics would tell, and what tells two tips by one name. */
  private static void requireKinds(Meaning meaning, List<String> names, ActionSpace space) {
    long tips = space.each().stream().filter(ActionSpace.EndEffector.class::isInstance).count();
    boolean tip = meaning == Meaning.END_EFFECTOR_DELTAS;
    if (tips > 1) {
      throw new LerobotException(
          "the policy moves %d tips, and the dataset's action %s does not tell one from the other; import for a task whose action_space has joint_positions or joint_deltas"
              .formatted(tips, names));
    }
    if (tips == 0 ? tip && AXES.containsAll(names) : !tip) {
      throw new LerobotException(
          "the dataset's action is %s, the policy's %s, and the one cannot be had from the other without the arm's kinematics; import for a task whose action_space has the kind %s"
              .formatted(
                  word(meaning),
                  tips == 0 ? "that of joints" : "that of a tip",
                  tip
                      ? "end_effector_delta or end_effector_pose_delta"
                      : "joint_positions or joint_deltas"));
    }
  }

  private static Meaning guess(
      List<String> joints, List<String> known, List<String> action, int size) {
    if (known.size() == size && movesTip(known)) {
      return Meaning.END_EFFECTOR_DELTAS;
    }
    if (size == joints.size() || movesJoints(known, size)) {
      return Meaning.JOINT_POSITIONS;
    }
    throw new LerobotException(
        "the dataset does not tell what its action %s of %d entries is; say --action joint_positions, joint_deltas or end_effector_deltas"
            .formatted(action, size));
  }

  /** Returns whether each entry is known, none is there twice, and one at least moves the tip. */
  private static boolean movesTip(List<String> known) {
    Set<String> names = new HashSet<>(known);
    return names.size() == known.size()
        && !names.contains("")
        && known.stream().anyMatch(AXES::contains);
  }

  /** Returns whether each entry is called as one of the joints, and none is there twice. */
  private static boolean movesJoints(List<String> known, int size) {
    return known.size() == size
        && Set.copyOf(known).size() == size
        && known.stream().noneMatch(name -> name.isEmpty() || AXES.contains(name));
  }

  /**
   * Refuses entries that are taken in the order of the state though one has another joint's name.
   */
  private static void requireOrder(
      List<String> joints, List<String> known, List<String> names, List<String> action) {
    for (int i = 0; i < known.size() && i < names.size(); i++) {
      if (joints.contains(known.get(i)) && !known.get(i).equals(names.get(i))) {
        throw new LerobotException(
            "the dataset's action has the entries %s, of which %d is '%s' and would be taken for '%s', the state being %s; correct the names in meta/info.json"
                .formatted(action, i, known.get(i), names.get(i), joints));
      }
    }
  }

  /**
   * Returns what an entry of the action moves: an axis of names like "delta_x", "x", "wx" or
   * "roll", or a joint; empty where it is neither.
   */
  private static String entry(String name, List<String> joints) {
    String axis =
        name.toLowerCase(Locale.ROOT)
            .replaceFirst("^(ee[_.])?(delta_|d)?", "")
            .replaceFirst("\\.pos$", "")
            .replaceFirst("^(w|rot_)(?=[xyz]$)", "r")
            .replaceFirst("^roll$", "rx")
            .replaceFirst("^pitch$", "ry")
            .replaceFirst("^yaw$", "rz");
    String plain = name.replaceFirst("\\.pos$", "");
    return AXES.contains(axis) ? axis : joints.contains(plain) ? plain : "";
  }

  private static String word(Meaning meaning) {
    return meaning.name().toLowerCase(Locale.ROOT);
  }

  /** Begins with a kept frame. */
  void begin(double[] measuredRad) {
    measured = measuredRad;
    reached = new double[measuredRad.length];
    Arrays.fill(reached, Double.NaN);
    Arrays.fill(moved, 0);
    turned.identity();
  }

  /**
   * Takes the action of the kept frame, then those of the frames left out after it.
   *
   * @param action in the dataset's units
   * @param units of the dataset
   * @param where for the message where a number cannot be in its unit
   */
  void add(double[] measuredRad, double[] action, JointUnits units, String where) {
    double[] turn = new double[FIRST_TURN];
    for (int i = 0; i < action.length; i++) {
      if (joint[i] >= 0) {
        reached[joint[i]] =
            meaning == Meaning.JOINT_DELTAS
                ? measuredRad[joint[i]] + units.step(joint[i], action[i])
                : units.position(joint[i], action[i], where);
      } else if (axis[i] < FIRST_TURN) {
        moved[axis[i]] += action[i];
      } else {
        turn[axis[i] - FIRST_TURN] = units.turn(action[i]);
      }
    }
    Vector3d vector = new Vector3d(turn);
    double length = vector.length();
    if (length != 0) { // a later turn, in the axes of the frame, comes before those so far
      new Quaterniond(new AxisAngle4d(length, vector.div(length))).mul(turned, turned);
    }
  }

  /**
   * Joint targets of the kept frame, rad.
   *
   * @param after where the joints were at the next kept frame, for those of which the action does
   *     not tell where they were sent
   */
  double[] targets(double[] after) {
    double[] targets = reached.clone();
    for (int j = 0; j < targets.length; j++) {
      targets[j] = Double.isNaN(targets[j]) ? after[j] : targets[j];
    }
    return targets;
  }

  /**
   * The policy's action of the kept frame.
   *
   * @param where for the message where it is out of range
   */
  float[] action(String where) {
    float[] action = new float[dimensions.size()];
    for (int i = 0; i < action.length; i++) {
      Dimension dimension = dimensions.get(i);
      int at = dimension.index();
      double quantity =
          switch (dimension.quantity()) {
            case TARGET -> dimension.middle() + way(at, dimension.middle(), reached[at]);
            case STEP -> way(at, measured[at], reached[at]);
            case TIP -> at < FIRST_TURN ? moved[at] : turn().get(at - FIRST_TURN);
          };
      double value = (quantity - dimension.middle()) / dimension.scale();
      if (!(Math.abs(value) <= 1 + ROUNDING)) {
        if (dimension.quantity() == Quantity.STEP && Math.abs(quantity) > Math.PI) {
          throw new LerobotException(
              "%s: '%s' is at %.3f rad and is sent to %.3f rad, more than half a turn in one step; where the joint turns on and on give --continuous %s, and it goes the short way, %.3f rad; where it has limits the recording is wrong there: leave the episode out of the dataset"
                  .formatted(
                      where,
                      dimension.name(),
                      measured[at],
                      reached[at],
                      dimension.name(),
                      Math.IEEEremainder(quantity, 2 * Math.PI)));
        }
        if (!clamp || Double.isNaN(value)) {
          throw new LerobotException(
              "%s: the action for '%s' is %.4g, and the policy's go from -1 to 1; widen the task's action_space, or cut such actions off with --clamp"
                  .formatted(where, dimension.name(), value));
        }
        clamped++;
      }
      action[i] = (float) Math.clamp(value, -1, 1);
    }
    return action;
  }

  /** The signed way of a joint, the short one where it turns on and on, rad or m. */
  private double way(int joint, double from, double to) {
    double way = to - from;
    return continuous.contains(joint) ? Math.IEEEremainder(way, 2 * Math.PI) : way;
  }

  /** The rotation vector of all turns since the kept frame, rad. */
  private Vector3d turn() {
    Vector3d axis = new Vector3d(turned.x, turned.y, turned.z);
    double sin = axis.length();
    double angle = 2 * Math.atan2(sin, Math.abs(turned.w));
    return sin == 0 ? axis : axis.mul(Math.copySign(angle, turned.w) / sin);
  }

  /** The count of numbers that were cut off. */
  long clamped() {
    return clamped;
  }
}
