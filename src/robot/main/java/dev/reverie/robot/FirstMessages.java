package dev.reverie.robot;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps what each bag begins with: what publishers say once and for all, and the observation that
 * the first command answers. For the control thread.
 */
final class FirstMessages {
  private final Recorder recorder;
  private final Map<Rosbag2Topic, List<byte[]>> kept = new LinkedHashMap<>();
  private final List<Rosbag2Topic> observed = new ArrayList<>();

  FirstMessages(Recorder recorder) {
    this.recorder = recorder;
  }

  /** Adds a topic of observations: that of the joint states first, then those of the cameras. */
  void observed(Rosbag2Topic topic) {
    observed.add(topic);
  }

  /**
   * Records a message, and keeps it for the beginnings of later bags.
   *
   * @param most that are kept of the topic, the newest ones; equal ones count once
   */
  void keep(Rosbag2Topic topic, byte[] message, int most) {
    recorder.record(topic, message);
    List<byte[]> messages = kept.computeIfAbsent(topic, key -> new ArrayList<>());
    messages.removeIf(known -> Arrays.equals(known, message));
    if (messages.size() == most) {
      messages.removeFirst();
    }
    messages.add(message);
  }

  /** Records the beginning of a bag that is open. */
  void record(SensorSnapshot first) {
    kept.forEach((topic, messages) -> messages.forEach(bytes -> recorder.record(topic, bytes)));
    recorder.record(observed.getFirst(), first.joints().message());
    for (int i = 0; i < first.frames().size(); i++) {
      recorder.record(observed.get(1 + i), first.frames().get(i).message());
    }
  }
}
