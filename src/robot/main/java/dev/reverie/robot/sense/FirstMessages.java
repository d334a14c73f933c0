package dev.reverie.robot.sense;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.CdrReader;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.robot.record.Recorder;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.JointReading.Source;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Keeps what each bag begins with: what publishers say once and for all, what happened since the
 * bag before it, and the observation that the first command answers. For the control thread.
 */
public final class FirstMessages {
  /** Messages between two episodes; more of them are the newest. */
  private static final int MOST_BETWEEN = 200;

  private final Recorder recorder;
  private final Deque<Between> between = new ArrayDeque<>();
  private final Map<Rosbag2Topic, List<byte[]>> kept = new LinkedHashMap<>();
  private final List<Rosbag2Topic> joints = new ArrayList<>();
  private final List<Rosbag2Topic> images = new ArrayList<>();
  private final Map<Rosbag2Topic, byte[]> others = new LinkedHashMap<>(); // newest pictures
  private Supplier<List<Source>> newestJoints = List::of;

  /** A message that came while no episode ran. */
  private record Between(Rosbag2Topic topic, byte[] message) {}

  public FirstMessages(Recorder recorder) {
    this.recorder = recorder;
  }

  /**
   * Adds a topic of joint states.
   *
   * @param newest messages that were heard last of each joint
   */
  public void joints(Rosbag2Topic topic, Supplier<List<Source>> newest) {
    joints.add(topic);
    newestJoints = newest;
  }

  /** Adds the topic of the next camera. */
  public void images(Rosbag2Topic topic) {
    images.add(topic);
  }

  /**
   * Records a message, and keeps it for the beginnings of later bags.
   *
   * @param most that are kept of the topic, the newest ones; equal ones count once
   */
  public void keep(Rosbag2Topic topic, byte[] message, int most) {
    recorder.record(topic, message);
    List<byte[]> messages = kept.computeIfAbsent(topic, key -> new ArrayList<>());
    messages.removeIf(known -> Arrays.equals(known, message));
    if (messages.size() == most) {
      messages.removeFirst();
    }
    messages.add(message);
  }

  /** Keeps a message for the next bag, where no episode runs that has it: it stands in one bag. */
  public void between(Rosbag2Topic topic, byte[] message) {
    if (recorder.isRecording()) {
      return;
    }
    if (between.size() == MOST_BETWEEN) {
      between.removeFirst();
    }
    between.addLast(new Between(topic, message));
  }

  /** Records the picture of a camera that no policy sees, and keeps the newest one. */
  public void other(Rosbag2Topic topic, byte[] picture) {
    recorder.record(topic, picture);
    others.put(topic, picture);
  }

  /** Returns whether a picture may belong to an observation, as who reads the bag decides it. */
  private static boolean near(byte[] picture, long stampNanos) {
    try {
      Header header = Header.TYPE.read(new CdrReader(MemorySegment.ofArray(picture)));
      return Math.abs(Stamps.nanos(header.stamp()) - stampNanos)
          <= Alignment.DEFAULT.images().toNanos();
    } catch (CdrException _) {
      return false;
    }
  }

  /** Records the beginning of a bag that is open. */
  public void record(SensorSnapshot first) {
    between.forEach(each -> recorder.record(each.topic, each.message));
    between.clear();
    kept.forEach((topic, messages) -> messages.forEach(bytes -> recorder.record(topic, bytes)));
    List<Source> sources = first.joints().sources();
    sources.forEach(source -> recorder.record(joints.get(source.topic()), source.message()));
    for (int i = 0; i < first.frames().size(); i++) {
      recorder.record(images.get(i), first.frames().get(i).message());
    }
    others.forEach(
        (topic, picture) -> {
          if (near(picture, first.stampNanos())) {
            recorder.record(topic, picture);
          }
        });
    // What the joints to come are merged with.
    List<Source> newest = newestJoints.get();
    newest.stream()
        .filter(source -> newest.size() > 1)
        .filter(source -> !sources.contains(source))
        .forEach(source -> recorder.record(joints.get(source.topic()), source.message()));
  }
}
