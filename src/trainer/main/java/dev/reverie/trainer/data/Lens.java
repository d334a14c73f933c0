package dev.reverie.trainer.data;

import dev.reverie.mcap.McapMessage;
import dev.reverie.mcap.McapQuery;
import dev.reverie.mcap.McapReader;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.policy.Calibration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A camera's calibration as it was published while an episode was recorded. */
public final class Lens {
  private Lens() {}

  /**
   * The first camera_info beside the camera's pictures; empty where the bag has none.
   *
   * @param camera name as in {@link dev.reverie.rollout.Episode#cameras}
   */
  public static Optional<Calibration> read(Path bag, String camera) {
    for (Path file : recordings(bag)) {
      try (McapReader reader = McapReader.open(file)) {
        Set<String> topics =
            reader.channels().values().stream()
                .map(channel -> channel.topic())
                .filter(topic -> topic.endsWith("/" + camera + "/camera_info"))
                .collect(Collectors.toSet());
        if (topics.isEmpty()) {
          continue;
        }
        for (McapMessage message : reader.messages(McapQuery.topics(topics))) {
          return Optional.of(calibration(CameraInfo.TYPE.decode(message.data())));
        }
      }
    }
    return Optional.empty();
  }

  private static Calibration calibration(CameraInfo info) {
    return new Calibration(info.width(), info.height(), info.distortionModel(), info.d(), info.k());
  }

  private static List<Path> recordings(Path bag) {
    try (Stream<Path> files = Files.list(bag)) {
      return files.filter(file -> file.toString().endsWith(".mcap")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + bag, e);
    }
  }
}
