package dev.reverie.policy;

import dev.reverie.rollout.RecordedConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Says what a policy of an arm sees and moves, whichever policy it is: the part of {@code
 * bundle.json} that arm files, task files and bags have too.
 *
 * @param cameras that a policy sees
 * @param jointNames that are measured and commanded, in their order
 * @param actionSpace what actions mean
 * @param chunk how many actions come at once, and when
 */
public record Task(
    List<BundleSpec.Camera> cameras,
    List<String> jointNames,
    ActionSpace actionSpace,
    BundleSpec.Chunk chunk) {
  /** Copies the lists. */
  public Task {
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
  }

  /**
   * Reads it from where more may stand.
   *
   * @param path a policy bundle's folder, or a task file of {@code reverie pretrain}
   * @throws BundleException where it does not stand there, with the key
   */
  public static Task read(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(PolicyBundle.SPEC) : path;
    try {
      return BundleJson.parsePart(Files.readAllBytes(file), file.toString(), Task.class);
    } catch (IOException e) {
      throw new BundleException(
          "cannot read %s; give a policy bundle, or a task file as for reverie pretrain"
              .formatted(file),
          e);
    }
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @param file name of what it is read from, for the reasons
   * @throws BundleException where it is no task, with the key
   */
  public static Task parse(String json, String file) {
    return BundleJson.parse(json.getBytes(StandardCharsets.UTF_8), file, Task.class);
  }

  /**
   * Reads it from a recorded configuration.
   *
   * @param configuration JSON, with the task under {@code task}; other recorders write what they
   *     like
   * @return empty where it does not stand there
   * @throws BundleException where what stands there is no task, with the key
   */
  public static Optional<Task> recorded(String configuration, Path bag) {
    return Optional.of(RecordedConfiguration.of(configuration).at("/task"))
        .filter(task -> !task.isMissingNode())
        .map(task -> parse(task.toString(), "the task in " + bag));
  }

  /** Names of the cameras, in their order. */
  public List<String> cameraNames() {
    return cameras.stream().map(BundleSpec.Camera::name).toList();
  }

  /** Returns it as JSON, in the words of {@code bundle.json}. */
  public String json() {
    return BundleJson.line(this);
  }
}
