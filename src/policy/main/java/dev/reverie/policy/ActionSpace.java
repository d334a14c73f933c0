package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Says what an action, in [-1, 1] for each dimension, means to the arm. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ActionSpace.EndEffectorDelta.class, name = "end_effector_delta"),
  @JsonSubTypes.Type(
      value = ActionSpace.EndEffectorPoseDelta.class,
      name = "end_effector_pose_delta"),
  @JsonSubTypes.Type(value = ActionSpace.EndEffectorPose.class, name = "end_effector_pose"),
  @JsonSubTypes.Type(value = ActionSpace.BinaryGripper.class, name = "binary_gripper"),
  @JsonSubTypes.Type(value = ActionSpace.JointPositions.class, name = "joint_positions"),
  @JsonSubTypes.Type(value = ActionSpace.JointDeltas.class, name = "joint_deltas"),
  @JsonSubTypes.Type(value = ActionSpace.Parts.class, name = "parts"),
})
public sealed interface ActionSpace {
  /** The kinds that there are, as files say them. */
  static List<String> kinds() {
    JsonSubTypes kinds = ActionSpace.class.getAnnotation(JsonSubTypes.class);
    return Stream.of(kinds.value()).map(JsonSubTypes.Type::name).toList();
  }

  /** D: the number of values of one action. */
  int dimensions();

  /** The parts of which it is made; itself where it is one. */
  default List<ActionSpace> each() {
    return List.of(this);
  }

  /** The tip that is moved; empty where none is. */
  default String tip() {
    return switch (this) {
      case EndEffector deltas -> deltas.tipLink();
      case EndEffectorPose pose -> pose.tipLink();
      case BinaryGripper _, JointPositions _, JointDeltas _ -> "";
      case Parts parts -> first(parts.parts().stream().map(ActionSpace::tip).toList());
    };
  }

  private static String first(List<String> names) {
    return names.stream().filter(name -> !name.isEmpty()).findFirst().orElse("");
  }

  /** The joints that it names, in the order of the action; none where a tip is moved. */
  default List<String> joints() {
    return List.of();
  }

  /** Link of the URDF in whose axes its first tip moves; empty where none does. */
  default String frame() {
    return "";
  }

  /** Moves a tip, and may turn it. */
  sealed interface EndEffector extends ActionSpace {
    /** Link of the URDF in whose axes the tip moves and turns. */
    @Override
    String frame();

    /** Link of the URDF that is moved. */
    String tipLink();

    /** Axes along which the tip moves, of "x", "y", "z". */
    List<String> axes();

    /** Metres at action 1, one an axis. */
    List<Double> scaleM();

    /** Axes about which the tip turns, of "rx", "ry", "rz"; they follow {@code axes} in actions. */
    default List<String> rotations() {
      return List.of();
    }

    /** Radians at action 1, one a rotation. */
    default List<Double> scaleRad() {
      return List.of();
    }

    /** Returns whether the tip keeps the orientation of the episode's begin, but for its turns. */
    boolean holdOrientation();

    /** Returns where the tip's target may be, one bound an axis. */
    Workspace workspace();

    @Override
    default int dimensions() {
      return axes().size() + rotations().size();
    }
  }

  /**
   * Moves the tip from where it is measured: target = measured + scale * action, along each axis of
   * the frame, kept inside the workspace.
   *
   * @param frame link of the URDF in whose axes the tip moves
   * @param tipLink link of the URDF that is moved
   * @param axes the axes that the policy commands, of "x", "y", "z", in the order of the action
   * @param scaleM metres at action 1, one an axis
   * @param holdOrientation whether the tip keeps the orientation that it had when the episode began
   * @param workspace where the tip's target may be, one bound an axis
   */
  record EndEffectorDelta(
      String frame,
      String tipLink,
      List<String> axes,
      List<Double> scaleM,
      boolean holdOrientation,
      Workspace workspace)
      implements EndEffector {
    /** Checks that axes, scale and workspace belong together. */
    public EndEffectorDelta {
      axes = distinct("axes", axes, List.of("x", "y", "z"));
      scaleM = positive("scale_m", scaleM, axes.size());
      requireBounds(workspace, axes);
    }
  }

  /**
   * Moves and turns the tip from where it is measured: as {@link EndEffectorDelta} along the axes;
   * the rotation vector scale * action, whose direction is the axis and whose length the angle in
   * the axes of the frame, comes before the measured orientation.
   *
   * @param rotations the axes about which the policy turns, of "rx", "ry", "rz", in the order of
   *     the action, after those of {@code axes}
   * @param scaleRad radians at action 1, one a rotation
   * @param holdOrientation whether the tip keeps the orientation that it had when the episode
   *     began, but for the turns; with false it may turn about the axes that are not named as it
   *     likes
   */
  record EndEffectorPoseDelta(
      String frame,
      String tipLink,
      List<String> axes,
      List<Double> scaleM,
      List<String> rotations,
      List<Double> scaleRad,
      boolean holdOrientation,
      Workspace workspace)
      implements EndEffector {
    /** Checks that axes, scales and workspace belong together. */
    public EndEffectorPoseDelta {
      axes = distinct("axes", axes, List.of("x", "y", "z"));
      scaleM = positive("scale_m", scaleM, axes.size());
      rotations = distinct("rotations", rotations, List.of("rx", "ry", "rz"));
      scaleRad = positive("scale_rad", scaleRad, rotations.size());
      requireBounds(workspace, axes);
      if (holdOrientation && rotations.size() == 2) {
        throw new IllegalArgumentException(
            "rotations %s with hold_orientation; turn about one axis or all three, or hold none"
                .formatted(rotations));
      }
    }
  }

  /**
   * Puts the tip where the action says, in the axes of the frame: of each coordinate -1 is the
   * least and 1 the greatest of the workspace; then the tip's orientation.
   *
   * @param frame link of the URDF in whose axes the tip is placed
   * @param tipLink link of the URDF that is placed
   * @param rotation how the action says the orientation
   * @param workspace bounds of x, y and z, m
   */
  record EndEffectorPose(String frame, String tipLink, Rotation rotation, Workspace workspace)
      implements ActionSpace {
    /** Checks the bounds. */
    public EndEffectorPose {
      requireBounds(workspace, List.of("x", "y", "z"));
    }

    @Override
    public int dimensions() {
      return 3 + rotation.numbers().size();
    }
  }

  /** Ways to say an orientation, which is that of the tip's axes in those of the frame. */
  enum Rotation {
    /** Axis times angle, of which 1 is half a turn. */
    @JsonProperty("rotation_vector")
    VECTOR(List.of("rx", "ry", "rz")),
    /** A quaternion, of any length; the opposite one is the same. */
    @JsonProperty("quaternion")
    QUATERNION(List.of("qx", "qy", "qz", "qw")),
    /**
     * The tip's x and y axes, which are made orthonormal (arXiv 1812.07035): the first two columns
     * of the rotation matrix.
     */
    @JsonProperty("rotation_6d")
    COLUMNS(List.of("x.x", "x.y", "x.z", "y.x", "y.y", "y.z")),
    /** The first two rows of the rotation matrix in the same way, as PyTorch3D has them. */
    @JsonProperty("rotation_6d_rows")
    ROWS(List.of("x.x", "y.x", "z.x", "x.y", "y.y", "z.y"));

    private final List<String> numbers;

    Rotation(List<String> numbers) {
      this.numbers = numbers;
    }

    /** Names of its numbers. */
    public List<String> numbers() {
      return numbers;
    }

    /** Radians at action 1; where they are no angles, 1. */
    public double scale() {
      return this == VECTOR ? Math.PI : 1;
    }
  }

  /**
   * A gripper that is open or closed: an action above 0 opens it, any other closes it. Its unit is
   * how far it is open, from 0 to 1.
   *
   * @param joint that is moved
   * @param closed its position when it is closed, rad, or m
   * @param open its position when it is open
   */
  record BinaryGripper(String joint, double closed, double open) implements ActionSpace {
    /** Checks that the two differ. */
    public BinaryGripper {
      if (!Double.isFinite(open - closed) || open == closed) {
        throw new IllegalArgumentException(
            "binary_gripper '%s' with closed %s and open %s; give two positions"
                .formatted(joint, closed, open));
      }
    }

    @Override
    public int dimensions() {
      return 1;
    }

    @Override
    public List<String> joints() {
      return List.of(joint);
    }
  }

  /**
   * Several parts in one action vector, one after the other, such as a tip and a gripper; each
   * moves joints of its own.
   */
  record Parts(List<ActionSpace> parts) implements ActionSpace {
    /** Checks that no part has parts and that no joint is named twice. */
    public Parts {
      parts = List.copyOf(parts);
      List<String> named = new ArrayList<>();
      for (ActionSpace part : parts) {
        if (part instanceof Parts) {
          throw new IllegalArgumentException("parts of parts; write them one after the other");
        }
        named.addAll(part.joints());
      }
      if (parts.isEmpty() || Set.copyOf(named).size() != named.size()) {
        throw new IllegalArgumentException(
            "%d parts that name the joints %s; give at least one part, and each joint to one"
                .formatted(parts.size(), named));
      }
    }

    @Override
    public int dimensions() {
      return parts.stream().mapToInt(ActionSpace::dimensions).sum();
    }

    @Override
    public List<ActionSpace> each() {
      return parts;
    }

    @Override
    public List<String> joints() {
      return parts.stream().flatMap(part -> part.joints().stream()).toList();
    }

    @Override
    public String frame() {
      return first(parts.stream().map(ActionSpace::frame).toList());
    }
  }

  /** Target = the middle of [min, max] + action * half its width, for each joint. */
  record JointPositions(List<String> joints, List<Double> minRad, List<Double> maxRad)
      implements ActionSpace {
    /** Checks that every joint has a range. */
    public JointPositions {
      joints = List.copyOf(joints);
      Workspace range = new Workspace(minRad, maxRad);
      minRad = range.min();
      maxRad = range.max();
      if (joints.size() != minRad.size()) {
        throw new IllegalArgumentException(
            "%d joints but %d ranges".formatted(joints.size(), minRad.size()));
      }
    }

    @Override
    public int dimensions() {
      return joints.size();
    }
  }

  /** Target = measured + scale * action, for each joint. */
  record JointDeltas(List<String> joints, List<Double> scaleRad) implements ActionSpace {
    /** Checks that every joint has a scale. */
    public JointDeltas {
      joints = List.copyOf(joints);
      scaleRad = positive("scale_rad", scaleRad, joints.size());
    }

    @Override
    public int dimensions() {
      return joints.size();
    }
  }

  /** Bounds of a value for each dimension, metres or radians. */
  record Workspace(List<Double> min, List<Double> max) {
    /** Checks that every min is below its max. */
    public Workspace {
      min = List.copyOf(min);
      max = List.copyOf(max);
      if (min.isEmpty() || min.size() != max.size()) {
        throw new IllegalArgumentException(
            "bounds min %s and max %s; give one pair a dimension".formatted(min, max));
      }
      for (int i = 0; i < min.size(); i++) {
        if (!(min.get(i) < max.get(i)) || !Double.isFinite(max.get(i) - min.get(i))) {
          throw new IllegalArgumentException(
              "bounds min %s and max %s; min must be below max".formatted(min, max));
        }
      }
    }
  }

  private static List<String> distinct(String name, List<String> axes, List<String> known) {
    if (axes.isEmpty() || !known.containsAll(axes) || Set.copyOf(axes).size() != axes.size()) {
      throw new IllegalArgumentException(
          "%s %s; name each of %s at most once".formatted(name, axes, String.join(", ", known)));
    }
    return List.copyOf(axes);
  }

  private static void requireBounds(Workspace workspace, List<String> axes) {
    if (workspace.min().size() != axes.size()) {
      throw new IllegalArgumentException(
          "workspace has %d bounds for %d axes".formatted(workspace.min().size(), axes.size()));
    }
  }

  private static List<Double> positive(String name, List<Double> values, int size) {
    if (values.size() != size || !values.stream().allMatch(v -> v > 0 && Double.isFinite(v))) {
      throw new IllegalArgumentException(
          "%s is %s; give %d numbers above zero".formatted(name, values, size));
    }
    return List.copyOf(values);
  }
}
