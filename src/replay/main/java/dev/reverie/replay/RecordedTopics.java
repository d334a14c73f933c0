package dev.reverie.replay;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointReading;
import dev.reverie.rollout.MergedJoints;
import dev.reverie.rollout.ObservationStamps;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics of a bag that a robot node listens to, and when their messages were stamped. Parts of
 * an observation are counted: 0 is the joint state, 1 to C are the cameras.
 */
final class RecordedTopics {
  /**
   * The place of joint states.
   *
   * @param topics that are merged
   * @param names that the joints have there
   */
  record Joints(List<String> topics, List<String> names) {}

  private final Joints joints;
  private final List<String> cameras;
  private final List<String> infoTopics;
  private final String descriptionTopic;
  private final Alignment alignment;
  private final List<NavigableSet<Long>> imageStamps = new ArrayList<>();
  private final Map<String, byte[]> first = new HashMap<>(); // message, by topic
  private long skewNanos; // of the first joint state
  private boolean split;

  private RecordedTopics(
      Map<String, String> types,
      Joints joints,
      List<String> cameras,
      String descriptionTopic,
      Alignment alignment) {
    this.descriptionTopic = descriptionTopic;
    this.alignment = alignment;
    this.joints = joints;
    this.cameras = cameras;
    infoTopics = cameras.stream().map(CameraCalibration::topic).toList();
    cameras.forEach(camera -> imageStamps.add(new TreeSet<>()));
    for (String info : infoTopics) {
      String type = types.getOrDefault(info, CameraInfo.TYPE.name());
      if (!type.equals(CameraInfo.TYPE.name())) {
        throw new ReplayException(
            "its %s is a %s; camera_info must be %s".formatted(info, type, CameraInfo.TYPE.name()));
      }
    }
  }

  /** Reads the stamps; refuses a clock that jumps back. */
  static RecordedTopics scan(
      BagMessages messages,
      Joints joints,
      List<String> cameras,
      String descriptionTopic,
      Alignment alignment) {
    var topics = new RecordedTopics(messages.types(), joints, cameras, descriptionTopic, alignment);
    Map<String, Long> newest = new HashMap<>();
    messages.forEach(
        topics.names(),
        message -> {
          topics.first.putIfAbsent(message.topic(), message.data());
          topics.part(message.topic()).ifPresent(part -> topics.stamped(part, message, newest));
        });
    for (String topic : topics.parts()) {
      if (!topics.first.containsKey(topic)) {
        throw new ReplayException("its topic " + topic + " has no message");
      }
    }
    if (!topics.first.containsKey(topics.descriptionTopic)) {
      throw new ReplayException("its topic " + topics.descriptionTopic + " has no message");
    }
    return topics;
  }

  private void stamped(int part, BagMessages.Message message, Map<String, Long> newest) {
    long stamp = RecordedSnapshot.stampNanos(message.data());
    long before = newest.getOrDefault(message.topic(), JointReading.NEVER_NANOS);
    if (part == 0) {
      split |= !JointState.TYPE.decode(message.data()).name().containsAll(joints.names());
    }
    long late = split && part == 0 ? MergedJoints.JUMP_NANOS : 0; // of two publishers
    if (stamp + late < before) {
      throw new ReplayException(
          "its clock jumps back by %.3f s on %s at %d ns; which observation came after which cannot be told any more, leave the bag out"
              .formatted((before - stamp) / 1e9, message.topic(), stamp));
    }
    if (part == 0 && before == JointReading.NEVER_NANOS) {
      skewNanos = message.logNanos() - stamp;
    }
    newest.put(message.topic(), Math.max(before, stamp));
    if (part > 0) {
      imageStamps.get(part - 1).add(stamp);
    }
  }

  private List<String> parts() {
    List<String> parts = new ArrayList<>(joints.topics());
    parts.addAll(cameras);
    return parts;
  }

  /** Tells whether joint states are to be merged: not each is whole. */
  boolean isSplit() {
    return split;
  }

  /** The names of all these topics. */
  Set<String> names() {
    Set<String> names = new LinkedHashSet<>(parts());
    names.addAll(infoTopics);
    names.add(descriptionTopic);
    return names;
  }

  /** The part of an observation that a topic carries. */
  Optional<Integer> part(String topic) {
    int camera = cameras.indexOf(topic);
    return joints.topics().contains(topic)
        ? Optional.of(0)
        : camera < 0 ? Optional.empty() : Optional.of(camera + 1);
  }

  /** The camera whose camera_info a topic carries. */
  Optional<Integer> info(String topic) {
    int camera = infoTopics.indexOf(topic);
    return camera < 0 ? Optional.empty() : Optional.of(camera);
  }

  /** Lead of the recorder's clock over the arm's when the recording began. */
  long skewNanos() {
    return skewNanos;
  }

  /** The arm's URDF, CDR. */
  byte[] description() {
    return message(descriptionTopic);
  }

  String urdf() {
    try {
      return dev.reverie.msgs.std_msgs.String.TYPE.decode(description()).data();
    } catch (CdrException e) {
      throw new ReplayException("its robot_description cannot be read: " + e.getMessage(), e);
    }
  }

  /** The first camera_info of each camera, CDR. */
  List<Optional<byte[]>> infos() {
    return infoTopics.stream().map(topic -> Optional.ofNullable(first.get(topic))).toList();
  }

  /** The first picture of each camera, CDR. */
  List<byte[]> firstImages() {
    return cameras.stream().map(this::message).toList();
  }

  /**
   * The stamps of an observation: of each camera that picture which the policy says it saw, or the
   * nearest.
   *
   * @param seen stamps of what the policy saw, where it says so
   */
  ObservationStamps stamps(long stampNanos, long jointStampNanos, Set<Long> seen) {
    Map<String, Long> images = new HashMap<>();
    for (int camera = 0; camera < imageStamps.size(); camera++) {
      images.put(cameras.get(camera), image(camera, stampNanos, seen));
    }
    return new ObservationStamps(stampNanos, jointStampNanos, images);
  }

  private long image(int camera, long stampNanos, Set<Long> seen) {
    long toleranceNanos = alignment.images().toNanos();
    NavigableSet<Long> stamps = imageStamps.get(camera);
    for (long stamp : seen) {
      if (stamp != stampNanos && stamps.contains(stamp)) {
        return stamp;
      }
    }
    Long before = stamps.floor(stampNanos);
    Long after = stamps.ceiling(stampNanos);
    boolean earlier =
        after == null || (before != null && stampNanos - before <= after - stampNanos);
    Long nearest = earlier ? before : after;
    if (nearest == null || Math.abs(nearest - stampNanos) > toleranceNanos) {
      throw new ReplayException(
          "no picture of %s belongs to the observation of %d ns: none is within %.3f s"
              .formatted(cameras.get(camera), stampNanos, toleranceNanos / 1e9));
    }
    return nearest;
  }

  private byte[] message(String topic) {
    byte[] message = first.get(topic);
    if (message == null) {
      throw new IllegalStateException(topic + " was not read");
    }
    return message;
  }
}
