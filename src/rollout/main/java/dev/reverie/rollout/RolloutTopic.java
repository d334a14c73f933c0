package dev.reverie.rollout;

import dev.reverie.mcap.rosbag2.OfferedQos;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.SafetyEvent;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import java.util.List;

/**
 * A topic of a rollout, by the name that the robot node has for it.
 *
 * @param name relative to the node's namespace, or to the node itself after "~/"
 * @param latched whether who comes late gets the last message too
 */
public record RolloutTopic<T>(String name, MessageType<T> type, boolean latched) {
  public static final RolloutTopic<Episode> EPISODE =
      new RolloutTopic<>("~/episode", Episode.TYPE, true);
  public static final RolloutTopic<ActionChunk> ACTION_CHUNK =
      new RolloutTopic<>("~/action_chunk", ActionChunk.TYPE, false);
  public static final RolloutTopic<Command> COMMAND =
      new RolloutTopic<>("~/command", Command.TYPE, false);
  public static final RolloutTopic<SafetyEvent> SAFETY_EVENT =
      new RolloutTopic<>("~/safety_event", SafetyEvent.TYPE, false);
  public static final RolloutTopic<PolicyEvent> POLICY_EVENT =
      new RolloutTopic<>("~/policy_event", PolicyEvent.TYPE, true);
  public static final RolloutTopic<JointTrajectory> JOINT_TRAJECTORY =
      new RolloutTopic<>("joint_trajectory", JointTrajectory.TYPE, false);
  public static final RolloutTopic<JointState> JOINT_STATES =
      new RolloutTopic<>("joint_states", JointState.TYPE, false);
  public static final RolloutTopic<dev.reverie.msgs.std_msgs.String> ROBOT_DESCRIPTION =
      new RolloutTopic<>("robot_description", dev.reverie.msgs.std_msgs.String.TYPE, true);

  private static final OfferedQos LATCHED =
      new OfferedQos(
          OfferedQos.History.KEEP_LAST,
          1,
          OfferedQos.Reliability.RELIABLE,
          OfferedQos.Durability.TRANSIENT_LOCAL);

  /** The raw pictures of a camera. */
  public static RolloutTopic<Image> images(String camera) {
    return new RolloutTopic<>(camera + "/image_raw", Image.TYPE, false);
  }

  /** The compressed pictures of a camera. */
  public static RolloutTopic<CompressedImage> compressedImages(String camera) {
    return new RolloutTopic<>(camera + "/image_raw/compressed", CompressedImage.TYPE, false);
  }

  /** The calibration of a camera. */
  public static RolloutTopic<CameraInfo> cameraInfo(String camera) {
    return new RolloutTopic<>(camera + "/camera_info", CameraInfo.TYPE, false);
  }

  /** The topic as it is recorded, of a node called "robot" in no namespace. */
  public Rosbag2Topic inBag() {
    return inBag(name.startsWith("~/") ? "/robot" + name.substring(1) : "/" + name);
  }

  /**
   * The topic as it is recorded.
   *
   * @param resolved fully qualified
   */
  public Rosbag2Topic inBag(String resolved) {
    return inBag(resolved, type, latched);
  }

  /**
   * Any topic as it is recorded.
   *
   * @param resolved fully qualified
   * @param latched whether who comes late gets the last message too, as a player should offer it
   */
  public static Rosbag2Topic inBag(String resolved, MessageType<?> type, boolean latched) {
    List<OfferedQos> qos = latched ? List.of(LATCHED) : List.of();
    return new Rosbag2Topic(resolved, type.name(), type.definition(), "", qos);
  }
}
