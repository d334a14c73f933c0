package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.report.ReverieProcess;
import dev.reverie.report.ReverieProcessException;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the better policy of a round and the auto-encoder that it was trained with, for who names
 * its work folder alone. The round says so; where they were moved, or it is too old to say, they
 * are looked for beside it, and taken only where they are the same files.
 *
 * @param bundle of the policy
 * @param models folder with the auto-encoder
 */
record PlayFolders(Path bundle, Path models) {
  /**
   * Finds what was not named.
   *
   * @param bundle null: the better policy of the round
   * @param models null: those of the round
   */
  static PlayFolders of(Path work, @Nullable Path bundle, @Nullable Path models) {
    Path folder = work.toAbsolutePath().normalize();
    Path report = folder.resolve(Improvement.REPORT);
    if (bundle != null && models != null) {
      return new PlayFolders(bundle, models);
    }
    JsonNode round = RoundWorld.improve(report);
    return new PlayFolders(
        bundle != null
            ? bundle
            : improved(round, report, folder.resolveSibling("bundles/improved")),
        models != null ? models : models(round, folder, folder.resolveSibling("models")));
  }

  private static Path improved(JsonNode round, Path report, Path beside) {
    String id = round.path("improved").asText();
    return candidates(round, "improved", beside).stream()
        .filter(candidate -> idOf(candidate).equals(Optional.of(id)))
        .findFirst()
        .orElseThrow(
            () ->
                new TrainerException(
                    "the better policy of %s is not where the round left it; give a policy with --bundle"
                        .formatted(report)));
  }

  private static Optional<String> idOf(Path bundle) {
    try {
      return Optional.of(PolicyBundle.load(bundle).id());
    } catch (BundleException e) {
      return Optional.empty();
    }
  }

  private static Path models(JsonNode round, Path work, Path beside) {
    Path aligned = new TrainLoop(work, 0, "").weights(Networks.WORLD_MODEL);
    if (!Files.exists(aligned)) {
      throw new TrainerException(
          "there is no world model in %s; run: reverie train improve".formatted(work));
    }
    List<Path> candidates = candidates(round, "models", beside);
    try {
      candidates.add(ReverieProcess.root().resolve("models"));
    } catch (ReverieProcessException e) {
      // Not started by ./reverie: the project's own models are not known here.
    }
    return candidates.stream()
        .filter(candidate -> Files.isRegularFile(Pretrained.vaeWeights(candidate)))
        .filter(candidate -> TrainLoop.madeWith(aligned, Pretrained.vaeWeights(candidate)))
        .findFirst()
        .orElseThrow(
            () ->
                new TrainerException(
                    "the auto-encoder that %s was made with is in none of %s; give the folder that pretrain left, with --models"
                        .formatted(aligned, candidates)));
  }

  /** Returns those that the round names, then that beside it. */
  private static List<Path> candidates(JsonNode round, String name, Path beside) {
    List<Path> all = new ArrayList<>();
    String said = round.path("folders").path(name).asText();
    if (!said.isEmpty()) {
      all.add(Path.of(said));
    }
    all.add(beside);
    return all;
  }
}
