package dev.reverie.trainer;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Task;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.model.TrainedPart;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The origin of a base policy, beside its recordings: tells the models of another run.
 *
 * @param parent id of the policy that learned; empty: a new one
 * @param settings in the words of its lineage
 */
record BaseOrigin(String parent, SortedMap<String, String> settings, Task task, HeadSpec head) {
  private static final String REMEDY = "Choose another --out, or delete it to have it made again.";

  /**
   * The origin of the policy that a run makes.
   *
   * @param given policy that is to learn; empty: a new one
   * @param spec of the policy; its words play no role
   */
  static BaseOrigin of(
      Settings settings, Optional<PolicyBundle> given, BundleSpec spec, long seed) {
    SortedMap<String, String> made = new TreeMap<>();
    made.put("method", "behaviour cloning");
    made.put("seed", Long.toString(seed));
    made.put("settings", settings.cloning().toString());
    if (given.isPresent() && !settings.policy().equals(TrainedPart.DEFAULT)) {
      made.put("part", settings.policy().toString());
    }
    return new BaseOrigin(given.map(PolicyBundle::id).orElse(""), made, spec.task(), spec.head());
  }

  /**
   * The lineage of the policy.
   *
   * @param hashes of the recordings
   */
  BundleSpec.Lineage lineage(List<String> hashes) {
    return new BundleSpec.Lineage(parent, hashes, settings, new BundleSpec.Measured(0, 0));
  }

  /**
   * Refuses the base policy of another run before a bag is decoded. That this run uses recordings
   * beyond those of the policy is found by {@link #requireSame}.
   *
   * @param base bundle that is there, or not yet
   * @param demonstrations folder of bags
   */
  void requireOwn(Path base, Path demonstrations, EpisodeCache cache) {
    if (!Files.exists(base)) {
      return;
    }
    List<String> recordings = PolicyBundle.load(base).spec().lineage().rollouts();
    requireSame(base, recordings);
    Set<String> gone = new HashSet<>(recordings);
    Rollouts.bags(demonstrations).parallelStream()
        .flatMap(bag -> cache.hash(bag).stream())
        .toList()
        .forEach(gone::remove);
    if (!gone.isEmpty()) {
      throw new TrainerException(
          "%s belongs to another run: of the %d recordings that it was made of %d are not in %s. %s"
              .formatted(base, recordings.size(), gone.size(), demonstrations, REMEDY));
    }
  }

  /**
   * Refuses a base policy that was made of other recordings, or in another way.
   *
   * @param hashes of this run's recordings
   */
  void requireSame(Path base, List<String> hashes) {
    BundleSpec had = PolicyBundle.load(base).spec();
    if (!had.task().equals(task) || !had.head().equals(head)) {
      throw new TrainerException(
          "%s was made for %s with %s, and this run is for %s with %s. %s"
              .formatted(base, had.task(), had.head(), task, head, REMEDY));
    }
    BundleSpec.Lineage made = had.lineage();
    if (!made.equals(lineage(hashes))) {
      throw new TrainerException(
          "%s belongs to another run: it was made of %d recordings%s with %s, and this run has %d%s with %s. %s"
              .formatted(
                  base,
                  made.rollouts().size(),
                  from(made.parent()),
                  made.settings(),
                  hashes.size(),
                  from(parent),
                  settings,
                  REMEDY));
    }
  }

  private static String from(String parent) {
    return parent.isEmpty() ? "" : " and the policy " + parent;
  }
}
