package dev.reverie.trainer.data;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.Skeleton;
import dev.reverie.arm.Urdf;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Rollouts of another arm than the demonstrations', or of cameras with other lenses, as the bags
 * themselves tell by {@code robot_description} and {@code camera_info}.
 *
 * @param rollouts in all
 * @param arms rollouts whose URDF moves otherwise than that of every demonstration
 * @param lenses by the name of a camera that is not rectified, rollouts in which it told a
 *     calibration that it told in no demonstration
 */
public record OtherArms(int rollouts, int arms, SortedMap<String, Integer> lenses) {
  /** The words of one bag; what it does not tell, or tells wrongly, nobody knows. */
  private record Told(Optional<String> urdf, Map<String, CameraCalibration> lenses) {}

  /** Compares; where no demonstration tells something, no rollout differs in it. */
  static OtherArms of(List<Path> demonstrations, List<Path> rollouts, List<BundleSpec.Camera> all) {
    List<String> cameras =
        all.stream().filter(camera -> !camera.rectify()).map(BundleSpec.Camera::name).toList();
    List<Told> before = told(demonstrations, cameras);
    List<Told> now = told(rollouts, cameras);
    SortedMap<String, Integer> lenses = new TreeMap<>();
    for (String camera : cameras) {
      List<CameraCalibration> known = lenses(before, camera);
      int many = unlike(lenses(now, camera), known, CameraCalibration::sameAs);
      if (many > 0) {
        lenses.put(camera, many);
      }
    }
    Map<String, Optional<Skeleton>> read = new HashMap<>(); // one arm tells one text mostly
    return new OtherArms(
        rollouts.size(),
        unlike(skeletons(now, read), skeletons(before, read), Skeleton::sameAs),
        lenses);
  }

  private static List<Told> told(List<Path> bags, List<String> cameras) {
    return bags.parallelStream()
        .map(
            bag -> {
              EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT);
              Map<String, CameraCalibration> lenses = new HashMap<>();
              for (String camera : cameras) {
                Recordings.calibration(reader, camera).ifPresent(lens -> lenses.put(camera, lens));
              }
              return new Told(urdf(reader), lenses);
            })
        .toList();
  }

  private static Optional<String> urdf(EpisodeReader reader) {
    try {
      return reader.description();
    } catch (EpisodeException e) {
      return Optional.empty();
    }
  }

  private static List<CameraCalibration> lenses(List<Told> all, String camera) {
    return all.stream()
        .flatMap(one -> Optional.ofNullable(one.lenses.get(camera)).stream())
        .toList();
  }

  private static List<Skeleton> skeletons(List<Told> all, Map<String, Optional<Skeleton>> read) {
    return all.stream()
        .flatMap(one -> one.urdf.stream())
        .flatMap(urdf -> read.computeIfAbsent(urdf, OtherArms::skeleton).stream())
        .toList();
  }

  private static Optional<Skeleton> skeleton(String urdf) {
    try {
      return Optional.of(Skeleton.of(Urdf.parse(urdf)));
    } catch (ArmException e) {
      return Optional.empty();
    }
  }

  private static <T> int unlike(List<T> now, List<T> known, BiPredicate<T, T> same) {
    Predicate<T> strange = one -> known.stream().noneMatch(other -> same.test(one, other));
    return known.isEmpty() ? 0 : (int) now.stream().filter(strange).count();
  }

  /**
   * Says what is not as in the demonstrations, or refuses it, as the settings say: the world model
   * is to tell what these cameras see of this arm.
   */
  public List<String> told(Split.Config config) {
    List<String> said = new ArrayList<>();
    if (arms > 0) {
      said.add(
          "%d of %d rollouts tell by their URDF of another arm than every demonstration"
              .formatted(arms, rollouts));
      refuse(config.otherArms(), said, "leave them out", "otherArms");
    }
    lenses.forEach(
        (camera, many) ->
            said.add(
                "in %d of %d rollouts the camera '%s' had another calibration than in any demonstration, and its pictures are taken as they are"
                    .formatted(many, rollouts, camera)));
    if (!lenses.isEmpty()) {
      refuse(
          config.otherLenses(),
          said,
          "leave them out, have the policy rectify the camera",
          "otherLenses");
    }
    return said;
  }

  private static void refuse(
      Split.Others others, List<String> said, String remedy, String setting) {
    if (others == Split.Others.REFUSE) {
      throw new TrainerException(
          "%s; %s, or set rollouts.%s to USE".formatted(String.join("; ", said), remedy, setting));
    }
  }
}
