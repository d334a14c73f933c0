package dev.reverie.calibrate;

import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rollout.BagMessages;
import dev.reverie.rollout.CameraCalibration;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** A rosbag2 folder, of any recorder. */
final class BagSource implements Source {
  private final BagMessages bag;
  private final Set<String> heard = new HashSet<>();
  private final String images;

  /**
   * Opens a bag.
   *
   * @throws CalibrateException where it has no such camera, with those that it has
   */
  BagSource(Path folder, Topics topics) {
    bag = BagMessages.open(folder);
    Map<String, String> types = bag.types();
    List<String> cameras =
        types.entrySet().stream()
            .filter(topic -> CameraMessages.isPicture(topic.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    String wanted = absolute(topics.images());
    if (wanted.isEmpty() && cameras.size() == 1) {
      wanted = cameras.getFirst();
    }
    if (!cameras.contains(wanted)) {
      throw new CalibrateException(
          wanted.isEmpty()
              ? "'%s' has the cameras %s; choose one: --topic".formatted(folder, cameras)
              : "'%s' has no pictures on %s; it has them on %s".formatted(folder, wanted, cameras));
    }
    images = wanted;
    heard.add(images);
    hear(types, CameraCalibration.topic(images), CameraInfo.TYPE.name());
    hear(types, absolute(topics.description()), dev.reverie.msgs.std_msgs.String.TYPE.name());
    topics.joints().forEach(t -> hear(types, absolute(t), JointState.TYPE.name()));
  }

  private void hear(Map<String, String> types, String topic, String type) {
    if (type.equals(types.get(topic))) {
      heard.add(topic);
    }
  }

  private static String absolute(String topic) {
    return topic.isEmpty() || topic.startsWith("/") ? topic : "/" + topic;
  }

  @Override
  public String images() {
    return images;
  }

  @Override
  public void forEach(Predicate<Sensed> taker) {
    try {
      bag.forEach(
          heard,
          message -> {
            String type = bag.types().getOrDefault(message.topic(), "");
            if (!taker.test(CameraMessages.read(message.topic(), type, message.data()))) {
              throw new Enough();
            }
          });
    } catch (Enough e) {
      // the rest of the bag is not needed
    }
  }

  /** Ends the reading of a bag. */
  private static final class Enough extends RuntimeException {
    Enough() {
      super(null, null, false, false);
    }
  }
}
