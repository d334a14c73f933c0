package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Says what an arm is, once for the node, the trainer, the doctor and launch: the content of its
 * arm file, docs/format-arm.md. Radians, or metres for prismatic joints; seconds.
 *
 * @param joints that are commanded, by their own names, in the order of observations and actions
 * @param cameras by name, in the order of the file; all are recorded
 * @param action what the actions of a policy mean
 */
public record ArmFile(
    String name,
    Description description,
    JointStates jointStates,
    List<String> joints,
    Map<String, Camera> cameras,
    Action action,
    Limits limits,
    Controller controller,
    Teleoperation teleoperation) {
  /** Checks that the parts belong together. */
  public ArmFile {
    joints = Names.distinct("joints", joints);
    cameras = Collections.unmodifiableMap(new LinkedHashMap<>(cameras));
    cameras.forEach((id, camera) -> camera.seen(id));
    if (joints.isEmpty()) {
      throw new IllegalArgumentException("joints is empty; name the joints that are commanded");
    }
    if (!controller.gripperJoint().isEmpty()) {
      Names.requireOneOf(joints, "controller.gripper_joint", controller.gripperJoint());
    }
    if (!teleoperation.gripperJoint().isEmpty()) {
      Names.requireOneOf(joints, "teleoperation.gripper_joint", teleoperation.gripperJoint());
    }
    for (String led : teleoperation.leaderNames().values()) {
      Names.requireOneOf(joints, "teleoperation.leader_names", led);
    }
    Names.requireApart("joint_states.names", jointStates.names());
    Names.requireOf(joints, "joint_states.names", jointStates.jointNames());
    Names.requireApart("teleoperation.leader_names", teleoperation.leaderNames());
    for (String limited : limits.joints().keySet()) {
      Names.requireOneOf(joints, "limits.joints", limited);
    }
    for (String moved : action.space().joints()) {
      Names.requireOneOf(joints, "action.space.joints", moved);
    }
    cameras.keySet().forEach(Names::requireCamera);
    Topics.requireName("controller.topic", controller.commands());
    Topics.requireName("controller.gripper", controller.gripper());
    SequencedMap<String, String> topics =
        Topics.of(description, jointStates, cameras, controller, teleoperation);
    topics.forEach(Topics::requireName);
    Topics.requireApart(topics);
    Topics.requireLeader(joints, jointStates, teleoperation);
    Names.requireLine("name", name);
  }

  /**
   * Reads an arm file; names of files in it count from its folder.
   *
   * @throws ArmException where it cannot be read, or says something that no arm is, with file, line
   *     and remedy
   */
  public static ArmFile read(Path file) {
    return ArmYaml.read(file);
  }

  /**
   * Reads what {@link #yaml} wrote.
   *
   * @throws ArmException where it says something that no arm is
   */
  public static ArmFile parse(String yaml) {
    return ArmYaml.parse(yaml);
  }

  /** Returns the same with the URDF of another file. */
  public ArmFile withUrdf(Path urdf) {
    return new ArmFile(
        name,
        new Description(description.topic, urdf.toString(), description.jointLimits),
        jointStates,
        joints,
        cameras,
        action,
        limits,
        controller,
        teleoperation);
  }

  /** Returns the same as text of an arm file, without what is as it is by default. */
  public String yaml() {
    return ArmYaml.write(this);
  }

  /** Returns the same as {@link #yaml}, as JSON. */
  public String json() {
    return ArmYaml.json(this);
  }

  /** Cameras that the policy sees, as a bundle has them, in the order of the file. */
  public List<BundleSpec.Camera> policyCameras() {
    return cameras.entrySet().stream()
        .filter(camera -> camera.getValue().policy())
        .map(camera -> camera.getValue().seen(camera.getKey()))
        .toList();
  }

  /** Returns what a policy of this arm sees and moves. */
  public Task task() {
    var chunk = new BundleSpec.Chunk(action.horizon(), action.periodS());
    return new Task(policyCameras(), joints, action.space(), chunk);
  }

  /**
   * The source of the arm's URDF.
   *
   * @param topic that has it, where there is no file
   * @param urdf file; empty: from the topic
   * @param jointLimits a {@code joint_limits.yaml} as MoveIt writes it, for limits that the URDF
   *     lacks; empty for none
   */
  public record Description(String topic, String urdf, String jointLimits) {
    /** Checks that it comes from somewhere. */
    public Description {
      if (topic.isBlank() && urdf.isEmpty()) {
        throw new IllegalArgumentException(
            "description.topic is empty; name the topic of the URDF, or its file as description.urdf");
      }
    }
  }

  /**
   * The way in which measured positions come.
   *
   * @param topics whose messages are merged by name
   * @param names from the names in messages and URDF to those of {@code joints}, where they differ
   * @param prefix before each other of {@code joints} in messages and URDF
   */
  public record JointStates(List<String> topics, Map<String, String> names, String prefix) {
    /** Checks that there is a topic. */
    public JointStates {
      topics = Names.distinct("joint_states.topics", topics);
      names = Map.copyOf(names);
      if (topics.isEmpty()) {
        throw new IllegalArgumentException("joint_states.topics is empty; name a topic");
      }
    }

    /** Returns the names in messages and URDF. */
    public JointNames jointNames() {
      return new JointNames(names, prefix);
    }

    /** Returns the name that a commanded joint has in messages and URDF. */
    public String outside(String joint) {
      return jointNames().inMessages(joint);
    }
  }

  /**
   * A camera.
   *
   * @param topic of its images; one that ends in /compressed has CompressedImage; empty: the
   *     camera's name and {@code /image_raw}
   * @param policy whether a policy sees it; else it is only recorded
   * @param width of the policy's picture, pixels
   * @param height of the policy's picture, pixels
   * @param rectify whether lens distortion is removed first
   * @param crop what of the picture the policy sees
   * @param frozenAfterS pixels that stay the same for so long, while stamps go on and the arm
   *     moves, hold it; 0: never
   */
  public record Camera(
      String topic,
      boolean policy,
      int width,
      int height,
      boolean rectify,
      BundleSpec.Crop crop,
      double frozenAfterS) {
    /** Checks the time. */
    public Camera {
      if (!(frozenAfterS >= 0 && Double.isFinite(frozenAfterS))) {
        throw new IllegalArgumentException(
            "frozen_after_s is %s; give seconds, or 0 for never".formatted(frozenAfterS));
      }
    }

    BundleSpec.Camera seen(String name) {
      return new BundleSpec.Camera(name, width, height, rectify, crop);
    }

    /** Returns the topic of the images of the camera of this name. */
    public String imageTopic(String name) {
      return topic.isEmpty() ? name + "/image_raw" : topic;
    }
  }

  /**
   * The meaning of a policy's actions, and their times.
   *
   * @param periodS between actions, {@link #MIN_PERIOD_S} to {@link #MAX_PERIOD_S}
   * @param horizon K: actions of a chunk, {@link #MAX_HORIZON} at most
   * @param from what deltas add to
   */
  public record Action(ActionSpace space, double periodS, int horizon, From from) {
    /** The shortest time between two actions. */
    public static final double MIN_PERIOD_S = 0.001;

    /** The longest time between two actions. */
    public static final double MAX_PERIOD_S = 3600;

    private static final int MAX_HORIZON = 1000;

    /** Checks period and horizon, and that the space names each joint once. */
    public Action {
      if (!(periodS >= MIN_PERIOD_S && periodS <= MAX_PERIOD_S)) {
        throw new IllegalArgumentException(
            "action.period_s is %s; give the seconds between two actions, %s to %s, such as 0.1"
                .formatted(periodS, MIN_PERIOD_S, MAX_PERIOD_S));
      }
      if (horizon < 1 || horizon > MAX_HORIZON) {
        throw new IllegalArgumentException(
            "action.horizon is %d; give the actions of a chunk, 1 to %d, such as 8"
                .formatted(horizon, MAX_HORIZON));
      }
      Names.distinct("action.space.joints", space.joints());
      Scales.requireTurns(space);
    }
  }

  /** The positions that deltas add to. */
  public enum From {
    /** The positions that were commanded last: noise is not motion, and the arm does not sag. */
    COMMANDED,
    /** The measured positions: the force of an arm in contact stays bounded. */
    MEASURED
  }

  /**
   * Limits that are tighter than the URDF's, or that it lacks.
   *
   * @param joints by the joints' names
   * @param workspace boxes that the tip stays in; empty: everywhere
   * @param keepOut boxes that no link enters
   * @param limitedTicks an episode in which more ticks in a row were limited ends; 0: never
   */
  public record Limits(
      Map<String, JointLimits> joints, List<Box> workspace, List<Box> keepOut, int limitedTicks) {
    /** Checks the number, and copies the collections. */
    public Limits {
      if (limitedTicks < 0) {
        throw new IllegalArgumentException(
            "limits.limited_ticks is %d; give 1 or more, or 0 for never".formatted(limitedTicks));
      }
      joints = Collections.unmodifiableMap(new LinkedHashMap<>(joints));
      workspace = List.copyOf(workspace);
      keepOut = List.copyOf(keepOut);
    }

    /** Returns the limits of a joint; {@link JointLimits#NONE} where the file says nothing. */
    public JointLimits of(String joint) {
      return joints.getOrDefault(joint, JointLimits.NONE);
    }
  }

  /**
   * A box.
   *
   * @param frame link of the URDF in whose axes it lies
   * @param min x, y, z in metres
   * @param max x, y, z in metres
   */
  public record Box(String frame, List<Double> min, List<Double> max) {
    /** Checks that it has three dimensions. */
    public Box {
      var bounds = new ActionSpace.Workspace(min, max);
      min = bounds.min();
      max = bounds.max();
      if (frame.isBlank()) {
        throw new IllegalArgumentException(
            "a box has an empty frame; name the link of the URDF in whose axes it lies");
      }
      if (min.size() != 3) {
        throw new IllegalArgumentException("box min %s; give x, y, z".formatted(min));
      }
    }
  }

  /**
   * The way in which the arm takes its commands.
   *
   * @param topic or action; empty: the usual name of the kind
   * @param rateHz of a stream
   * @param gripper action of type control_msgs/action/GripperCommand that takes the joint {@code
   *     gripperJoint}; empty: it is a joint as the others
   * @param gripperEffort {@code max_effort} of its goals, N or N m; 0: what the driver has
   */
  public record Controller(
      Kind kind,
      String topic,
      double rateHz,
      String gripper,
      String gripperJoint,
      double gripperEffort) {
    private static final Pattern LAST_PART = Pattern.compile("(?<![^/])joint_trajectory$");

    /** Kinds of controllers. */
    public enum Kind {
      /** A topic of type trajectory_msgs/msg/JointTrajectory: the chunk ahead at each tick. */
      TRAJECTORY,
      /** A topic of type std_msgs/msg/Float64MultiArray: positions at {@code rateHz}. */
      STREAM,
      /** An action of type control_msgs/action/FollowJointTrajectory. */
      FOLLOW_JOINT_TRAJECTORY
    }

    /** Checks rate and effort, and that a gripper has its joint. */
    public Controller {
      if (!gripper.isEmpty() && gripperJoint.isEmpty()) {
        throw new IllegalArgumentException(
            "controller.gripper is '%s' without gripper_joint; name the joint that it moves, one of joints"
                .formatted(gripper));
      }
      if (gripper.isEmpty() && (gripperEffort > 0 || !gripperJoint.isEmpty())) {
        throw new IllegalArgumentException(
            "controller.gripper_joint is '%s' and gripper_effort %s without gripper; name the action that takes them, or leave them out: then it is a joint as the others"
                .formatted(gripperJoint, gripperEffort));
      }
      if (!(rateHz >= 1 && rateHz <= 2000)) {
        throw new IllegalArgumentException(
            "controller.rate_hz is %s; give 1 to 2000".formatted(rateHz));
      }
      if (!(gripperEffort >= 0 && Double.isFinite(gripperEffort))) {
        throw new IllegalArgumentException(
            "controller.gripper_effort is %s; give 0 or more".formatted(gripperEffort));
      }
    }

    /** Returns the topic that takes the commands, or the action. */
    public String commands() {
      return commands(kind, topic);
    }

    /**
     * Returns the topic that takes the commands of a kind, or the action.
     *
     * @param topic as {@code controller.topic} has it
     */
    public static String commands(Kind kind, String topic) {
      return switch (kind) {
        case TRAJECTORY -> topic.isEmpty() ? "joint_trajectory" : topic;
        // A topic of trajectories, which a file has by default, is none of a stream.
        case STREAM ->
            topic.isEmpty() || LAST_PART.matcher(topic).find()
                ? "forward_position_controller/commands"
                : topic;
        case FOLLOW_JOINT_TRAJECTORY -> action(topic);
      };
    }

    /**
     * Returns the name of a FollowJointTrajectory action. A joint_trajectory_controller has it
     * beside its topic {@code joint_trajectory}; another name is the action's own.
     *
     * @param topic as {@code controller.topic} has it
     */
    public static String action(String topic) {
      return topic.isEmpty()
          ? "follow_joint_trajectory"
          : LAST_PART.matcher(topic).replaceFirst("follow_joint_trajectory");
    }
  }

  /**
   * The ways for a person to move the arm; what is empty is not used.
   *
   * @param trajectory topic of type trajectory_msgs/msg/JointTrajectory
   * @param leader topic of type sensor_msgs/msg/JointState, of a leader arm
   * @param leaderNames from the leader's names to those of {@code joints}, where they differ
   * @param twist topic of type geometry_msgs/msg/TwistStamped
   * @param tipLink link of the URDF that a twist moves
   * @param gripper topic of type std_msgs/msg/Float64: position of {@code gripperJoint}
   * @param gripperJoint the joint that it moves
   */
  public record Teleoperation(
      String trajectory,
      String leader,
      Map<String, String> leaderNames,
      String twist,
      String tipLink,
      String gripper,
      String gripperJoint) {
    /** A trajectory on {@code teleop} and nothing else: without an arm file. */
    public static final Teleoperation BY_TRAJECTORY =
        new Teleoperation("teleop", "", Map.of(), "", "", "", "");

    /** Returns the topics that are used. */
    public List<String> topics() {
      return Stream.of(trajectory, leader, twist, gripper)
          .filter(topic -> !topic.isEmpty())
          .toList();
    }

    /** Checks that what belongs together is there, and copies the names. */
    public Teleoperation {
      leaderNames = Map.copyOf(leaderNames);
      if (leader.isEmpty() && !leaderNames.isEmpty()) {
        throw new IllegalArgumentException(
            "teleoperation.leader_names is %s without leader; name the leader arm's topic, or leave them out"
                .formatted(leaderNames));
      }
      if (!twist.isEmpty() && tipLink.isEmpty()) {
        throw new IllegalArgumentException(
            "teleoperation.twist is '%s' without tip_link; name the link that it moves"
                .formatted(twist));
      }
      if (!gripper.isEmpty() && gripperJoint.isEmpty()) {
        throw new IllegalArgumentException(
            "teleoperation.gripper is '%s' without gripper_joint; name the joint that it moves"
                .formatted(gripper));
      }
    }
  }
}
