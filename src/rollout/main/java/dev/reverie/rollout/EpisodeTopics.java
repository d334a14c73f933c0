package dev.reverie.rollout;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics of a bag that an episode is put together from.
 *
 * @param types of all topics of the bag
 * @param cameras topics of the pictures by camera name, at least one
 * @param seen names of the cameras that a policy sees; the others may lack pictures
 * @param compressed those of the cameras' topics whose pictures are compressed
 * @param commands at least one
 * @param chunks none where every command holds the arm still
 * @param joints topics of the joint states, which are merged
 */
record EpisodeTopics(
    Map<String, String> types,
    Map<String, String> cameras,
    Set<String> seen,
    Set<String> compressed,
    Set<String> commands,
    Set<String> chunks,
    List<String> joints) {
  /**
   * Chooses among the topics of a bag.
   *
   * @param configuration that the episode was recorded with
   * @throws EpisodeException where one is missing
   */
  static EpisodeTopics of(Path bag, Map<String, String> types, String configuration) {
    Set<String> images = pictures(types);
    Set<String> compressed = new TreeSet<>(images);
    compressed.removeAll(BagFiles.ofType(types, Image.TYPE));
    if (images.isEmpty()) {
      throw missing(bag, "sensor_msgs/msg/Image or CompressedImage", types);
    }
    Set<String> commands = BagFiles.ofType(types, Command.TYPE);
    if (commands.isEmpty()) {
      throw missing(bag, Command.TYPE.name(), types);
    }
    List<String> joints = joints(types, RecordedConfiguration.of(configuration).jointTopics());
    if (joints.isEmpty()) {
      throw missing(bag, JointState.TYPE.name(), types);
    }
    Set<String> chunks = BagFiles.ofType(types, ActionChunk.TYPE);
    Map<String, String> cameras = CameraNames.of(images, configuration);
    Set<String> seen = CameraNames.seen(cameras.keySet(), configuration);
    return new EpisodeTopics(types, cameras, seen, compressed, commands, chunks, joints);
  }

  /** The topics of pictures, one of each camera. */
  static Set<String> pictures(Map<String, String> types) {
    Set<String> images = BagFiles.ofType(types, Image.TYPE);
    images.addAll(compressed(types, images));
    return images;
  }

  /** The cameras whose raw pictures are not there too; depth is no picture. */
  private static Set<String> compressed(Map<String, String> types, Set<String> raw) {
    Set<String> found = BagFiles.ofType(types, CompressedImage.TYPE);
    found.removeIf(
        topic ->
            topic.endsWith("/compressedDepth")
                || raw.contains(CameraNames.withoutTransport(topic)));
    return found;
  }

  /**
   * The topics that joint states are merged from: those that the recorder merged, else one. Others
   * may tell of another arm.
   *
   * @param types of all topics of the bag
   * @param merged those that the recorder says it merged
   */
  public static List<String> joints(Map<String, String> types, List<String> merged) {
    Set<String> all = BagFiles.ofType(types, JointState.TYPE);
    List<String> known = merged.stream().filter(all::contains).toList();
    return known.isEmpty()
        ? all.stream()
            .min(
                Comparator.comparing((String topic) -> !topic.endsWith("/joint_states"))
                    .thenComparing(topic -> topic))
            .stream()
            .toList()
        : known;
  }

  private static EpisodeException missing(Path bag, String type, Map<String, String> types) {
    return new EpisodeException(
        "%s has no topic of type %s; its topics are %s. Record it too, or leave the bag out"
            .formatted(bag, type, types));
  }

  /** The topics that are read to find out what belongs together. */
  Set<String> all() {
    Set<String> all = new HashSet<>(commands);
    all.addAll(chunks);
    all.addAll(cameras.values());
    all.addAll(joints);
    return all;
  }

  /** The topic of a camera's calibration; empty where it was not recorded. */
  Optional<String> calibration(String camera) {
    return Optional.ofNullable(cameras.get(camera))
        .map(CameraCalibration::topic)
        .filter(topic -> isOf(topic, CameraInfo.TYPE));
  }

  private boolean isOf(String topic, MessageType<?> type) {
    return type.name().equals(types.get(topic));
  }
}
