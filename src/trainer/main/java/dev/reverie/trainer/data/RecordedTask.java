package dev.reverie.trainer.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.mcap.McapException;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.RecordedConfiguration;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Tells what a policy of the arm in recorded episodes sees and moves, as the bags say it. */
public final class RecordedTask {
  /** Side of a camera whose size the arm file does not say, pixels. */
  private static final int USUAL_SIDE = 64;

  private RecordedTask() {}

  /**
   * A bag with what its configuration tells.
   *
   * @param arm name in the arm file; empty where there was none
   */
  private record Told(Path bag, String arm, Task task) {
    String name() {
      return arm.isEmpty() ? bag.toString() : "%s (arm '%s')".formatted(bag, arm);
    }
  }

  /**
   * The task that all bags of a folder tell. Bags that tell none, or cannot be read, count for
   * nothing here.
   *
   * @param cameras those that the policy is to see, though it be more than the bags say; none: as
   *     they say
   * @throws TrainerException where no bag tells one, or two tell of different arms
   */
  public static PolicyTask of(Path folder, List<String> cameras) {
    List<Told> told = new ArrayList<>();
    for (Path bag : Rollouts.bags(folder)) {
      told(bag, cameras).ifPresent(told::add);
    }
    if (told.isEmpty()) {
      throw new TrainerException(
          "no bag in %s says what a policy of its arm sees and moves, as bags of before do not; say it in a task file: --task FILE (docs/training.md)"
              .formatted(folder));
    }
    Told first = told.getFirst();
    PolicyTask task = PolicyTask.of(first.task).seeing(cameras);
    for (Told other : told) {
      String differs = difference(task, PolicyTask.of(other.task).seeing(cameras));
      if (!differs.isEmpty()) {
        throw new TrainerException(
            "the bags in %s are of different arms: of %s and of %s the %s; keep the bags of each arm in a folder of their own, or say with --task what a policy sees and moves"
                .formatted(folder, first.name(), other.name(), differs));
      }
    }
    return task;
  }

  /** A camera of the arm file that was recorded, though no policy was to see it. */
  private static Optional<BundleSpec.Camera> recorded(JsonNode cameras, String name) {
    JsonNode camera = cameras.path(name);
    if (camera.isMissingNode()) {
      return Optional.empty();
    }
    JsonNode crop = camera.path("crop");
    return Optional.of(
        new BundleSpec.Camera(
            name,
            camera.path("width").asInt(USUAL_SIDE),
            camera.path("height").asInt(USUAL_SIDE),
            camera.path("rectify").asBoolean(),
            new BundleSpec.Crop(
                crop.path("x").asDouble(0),
                crop.path("y").asDouble(0),
                crop.path("width").asDouble(1),
                crop.path("height").asDouble(1))));
  }

  private static Optional<Told> told(Path bag, List<String> cameras) {
    try {
      String configuration = EpisodeReader.open(bag, Alignment.DEFAULT).configuration();
      Optional<Task> recorded = Task.recorded(configuration, bag);
      if (recorded.isEmpty()) {
        return Optional.empty();
      }
      Task task = recorded.get();
      RecordedConfiguration told = RecordedConfiguration.of(configuration);
      List<BundleSpec.Camera> all = new ArrayList<>(task.cameras());
      cameras.stream()
          .filter(name -> !task.cameraNames().contains(name))
          .forEach(name -> recorded(told.at("/arm/cameras"), name).ifPresent(all::add));
      return Optional.of(
          new Told(
              bag, told.arm(), new Task(all, task.jointNames(), task.actionSpace(), task.chunk())));
    } catch (EpisodeException | McapException e) {
      return Optional.empty(); // who reads the episodes names it, and why
    } catch (BundleException e) {
      throw new TrainerException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String difference(PolicyTask one, PolicyTask other) {
    if (!one.jointNames().equals(other.jointNames())) {
      return "joints are %s and %s".formatted(one.jointNames(), other.jointNames());
    }
    if (!one.cameras().equals(other.cameras())) {
      return "pictures are %s and %s".formatted(pictures(one), pictures(other));
    }
    if (!one.actionSpace().equals(other.actionSpace())) {
      return "action spaces are %s and %s".formatted(one.actionSpace(), other.actionSpace());
    }
    return one.chunk().equals(other.chunk())
        ? ""
        : "chunks are %d actions every %s s and %d every %s s"
            .formatted(
                one.chunk().horizon(),
                one.chunk().periodS(),
                other.chunk().horizon(),
                other.chunk().periodS());
  }

  private static String pictures(PolicyTask task) {
    return task.cameras().stream().map(RecordedTask::picture).collect(Collectors.joining(" and "));
  }

  private static String picture(BundleSpec.Camera camera) {
    return "%dx%d of '%s'".formatted(camera.width(), camera.height(), camera.name())
        + (camera.rectify() ? ", rectified" : "")
        + (camera.crop().equals(BundleSpec.Crop.NONE) ? "" : ", cropped");
  }
}
