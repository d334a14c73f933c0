package dev.reverie.calibrate;

import dev.reverie.calibrate.Source.Topics;
import dev.reverie.mcap.Durable;
import dev.reverie.rollout.CameraNames;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say where pictures come from and where the result goes. */
final class SourceOptions {
  private static final String DESCRIPTION = "robot_description";

  @Option(
      names = "--topic",
      defaultValue = "",
      paramLabel = "TOPIC",
      description =
          "Of the camera's images (live: camera/image_raw); one that ends in /compressed has"
              + " CompressedImage.")
  String topic = "";

  @Option(
      names = "--bag",
      paramLabel = "DIR",
      description = "A rosbag2 folder (MCAP) instead of the live camera.")
  @Nullable Path bag;

  @Option(
      names = "--camera",
      defaultValue = "",
      paramLabel = "NAME",
      description = "Name of the camera (default: as its topic says).")
  String camera = "";

  @Option(
      names = "--out",
      defaultValue = "calibration",
      paramLabel = "DIR",
      description = "Folder of the result (default: ${DEFAULT-VALUE}).")
  Path out = Path.of("calibration");

  @Option(names = "--replace", description = "Replaces a result that is there.")
  boolean replace;

  /**
   * Opens the bag, or begins to hear what is live.
   *
   * @param rosArguments from {@code --ros-args} on, for what is live
   * @param joints topics of joint states
   */
  Source open(List<String> rosArguments, List<String> joints) {
    if (bag != null) {
      return new BagSource(bag, new Topics(topic, joints, DESCRIPTION));
    }
    String images = topic.isEmpty() ? "camera/image_raw" : topic;
    return new LiveSource(rosArguments, new Topics(images, joints, DESCRIPTION));
  }

  /**
   * Refuses what says another source of pictures than an option does.
   *
   * @param option of the other source
   */
  void requireNone(String option) {
    if (bag != null || !topic.isEmpty()) {
      throw new CalibrateException(
          "%s and %s are two sources of pictures; give one of them"
              .formatted(option, bag != null ? "--bag" : "--topic"));
    }
  }

  /**
   * Refuses a result that could not be written, before anything is looked at.
   *
   * @param ending of its file
   */
  void requireResult(String ending) {
    if (!camera.isEmpty()) {
      if (!camera.matches("[A-Za-z0-9_.-]+")) {
        throw new CalibrateException(
            "--camera is '%s'; it names a file, give letters, digits, _, - and ."
                .formatted(camera));
      }
      file(camera + ending);
    }
    FileErrors.folder(out)
        .ifPresent(
            why -> {
              throw new CalibrateException("--out '%s': %s; give another".formatted(out, why));
            });
  }

  /** The name of the camera with images on a topic. */
  String name(String images) {
    return camera.isEmpty() ? CameraNames.name(images) : camera;
  }

  /** The file of a result, which may not be there yet, so that none is lost. */
  Path file(String name) {
    Path file = out.resolve(name);
    if (!replace && Files.exists(file)) {
      throw new CalibrateException(
          "'%s' is there already; move it away, or give --replace".formatted(file));
    }
    return file;
  }

  /** Writes a file whole or not at all. */
  static void write(Path file, byte[] bytes) {
    try {
      Files.createDirectories(Durable.folderOf(file));
      Durable.write(file, bytes);
    } catch (IOException e) {
      throw new CalibrateException(
          "'%s' cannot be written: %s; give another folder: --out"
              .formatted(file, FileErrors.reason(e, file)),
          e);
    }
  }
}
