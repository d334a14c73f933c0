package dev.reverie.robot.swap;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.Skeleton;
import dev.reverie.arm.Urdf;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.Preprocess;
import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.RecordedConfiguration;
import dev.reverie.rollout.RecordedObservation;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds the recorded episodes that a policy is to be tried at, and refuses those of another arm.
 *
 * @param task what the policy sees and moves
 * @param arm name of the arm file; empty where there is none
 * @param skeleton of the arm by its URDF
 */
record RecordedEpisodes(Task task, String arm, Skeleton skeleton) {
  /**
   * An episode without its pictures, and the bag from which its observations are given one after
   * the other: no episode need fit into memory.
   */
  record Recorded(Episode episode, EpisodeReader reader) {
    /** Gives the observations of all steps of all pieces, in their order. */
    void forEachStep(Consumer<RecordedObservation> take, Task task) {
      reader.forEachStep(Set.copyOf(task.cameraNames()), take);
    }
  }

  /** Share by which the period of the ticks may differ. */
  private static final double PERIOD_TOLERANCE = 1e-3;

  /**
   * Reads them, one after the other.
   *
   * @param take throws an EpisodeException where an observation cannot be read
   * @throws BundleException where there are none, or one that is named is of another arm
   */
  void forEach(ReplayAsked asked, String rollouts, Consumer<Recorded> take) {
    for (String given : asked.bags()) {
      named(given, take);
    }
    if (asked.last() > 0) {
      last(asked.last(), rollouts, take);
    }
  }

  private void named(String given, Consumer<Recorded> take) {
    try {
      List<Path> bags = Rollouts.bags(Path.of(given));
      if (bags.isEmpty()) {
        throw new EpisodeException("there is no episode in " + given);
      }
      for (Path bag : bags) {
        take.accept(read(bag));
      }
    } catch (EpisodeException e) {
      throw new BundleException(
          "it cannot be replayed: %s; name episodes of this arm in replay"
              .formatted(e.getMessage()),
          e);
    }
  }

  /** The newest that can be used; the others are passed over. */
  private void last(int wanted, String rollouts, Consumer<Recorded> take) {
    int found = 0;
    String why = "it is empty";
    for (Path bag : Rollouts.bags(Path.of(rollouts)).reversed()) {
      if (found == wanted) {
        break;
      }
      try {
        take.accept(read(bag));
        found++;
      } catch (EpisodeException e) {
        why = String.valueOf(e.getMessage());
      }
    }
    if (found == 0) {
      throw new BundleException(
          "it cannot be replayed: rollouts_dir '%s' has no episode of this arm that can be used (%s); record one, or name episodes in replay"
              .formatted(rollouts, why));
    }
  }

  private Recorded read(Path bag) {
    EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT, Preprocess::decode);
    requireArm(bag, reader);
    Set<String> cameras = reader.cameras();
    if (!cameras.containsAll(task.cameraNames())) {
      throw other(bag, "cameras", cameras, task.cameraNames());
    }
    Episode episode = reader.readWithoutPictures(Set.copyOf(task.cameraNames()));
    if (!Set.copyOf(episode.jointNames()).equals(Set.copyOf(task.jointNames()))) {
      throw other(bag, "joints", episode.jointNames(), task.jointNames());
    }
    for (ActionChunk chunk : episode.chunks()) {
      double period = Stamps.nanos(chunk.period()) / 1e9;
      double own = task.chunk().periodS();
      if (period > 0 && Math.abs(period - own) > PERIOD_TOLERANCE * own) {
        throw other(bag, "period_s", period, own);
      }
    }
    return new Recorded(episode, reader);
  }

  /** Refuses an episode of an arm of another name, or whose URDF tells of another skeleton. */
  private void requireArm(Path bag, EpisodeReader reader) {
    String name = RecordedConfiguration.of(reader.configuration()).arm();
    if (!name.isEmpty() && !arm.isEmpty() && !name.equals(arm)) {
      throw other(bag, "name", name, arm);
    }
    Optional<Skeleton> recorded = reader.description().flatMap(RecordedEpisodes::skeleton);
    if (recorded.isPresent() && !recorded.get().sameAs(skeleton)) {
      throw other(
          bag,
          "URDF, whose joints are",
          recorded.get().bones().keySet().stream().sorted().toList(),
          "%s, each where it is within 5 mm and 0.02 rad"
              .formatted(skeleton.bones().keySet().stream().sorted().toList()));
    }
  }

  private static Optional<Skeleton> skeleton(String urdf) {
    try {
      return Optional.of(Skeleton.of(Urdf.parse(urdf)));
    } catch (ArmException e) {
      return Optional.empty(); // what it does not tell nobody knows
    }
  }

  private static EpisodeException other(Path bag, String what, Object its, Object own) {
    return new EpisodeException(
        "%s is of another arm: its %s: %s, this arm's: %s".formatted(bag, what, its, own));
  }
}
