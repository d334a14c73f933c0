package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recording;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Sides;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.model.Belief;
import dev.reverie.trainer.model.Ensemble;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * The imagination of a round that has ended, for a policy that need not be of that round.
 *
 * @param instructions that its reward classifier knows
 * @param seen SHA-256 of the recordings that it was given; none where the round is too old to tell
 * @param sides which of them, and of those that its world model had seen before, were learned from;
 *     none where the round is too old to tell
 * @param threshold of the reward classifier
 * @param maxSteps of an imagined rollout; 0 where the round is too old to tell
 */
record RoundWorld(
    PolicyBundle bundle,
    Settings settings,
    List<String> instructions,
    Set<String> seen,
    Sides sides,
    double threshold,
    int maxSteps,
    Networks networks,
    TrainLoop loop) {
  /**
   * Loads a round's networks.
   *
   * @param models folder with the auto-encoder
   * @param work folder of a round that has ended: aligned world model, classifier, joint head
   */
  static RoundWorld open(
      Path bundleFolder, Path models, Path work, long seed, BooleanSupplier stop) {
    PolicyBundle bundle = GivenPolicy.load(bundleFolder);
    Path file = work.resolve(Improvement.REPORT).toAbsolutePath();
    JsonNode round = improve(file);
    List<String> instructions = new ArrayList<>();
    round.path("instructions").forEach(text -> instructions.add(text.asText()));
    if (instructions.isEmpty()) {
      throw new TrainerException(
          "%s does not name the instructions of its reward classifier; run: reverie train improve"
              .formatted(file));
    }
    Settings settings = Settings.DEFAULT.changed(round.path("settings"), "the settings of " + file);
    TrainLoop loop = new TrainLoop(work, seed, "", stop);
    requireSameWeights(round.path("weights"), loop);
    return new RoundWorld(
        bundle,
        settings,
        instructions,
        seen(round.path("recordings")),
        Sides.read(work),
        threshold(round, file),
        round.path("max_steps").asInt(),
        Networks.load(
            settings, bundle.spec(), settings.instructions().count(instructions), models, loop),
        loop);
  }

  /**
   * Reads episodes whose instructions the reward classifier knows.
   *
   * @param from folder of bags, or a file with the path of one in each line
   * @param most episodes that are read at most
   */
  Recordings.Folder read(Path from, int most, EpisodeDecoder decoder, EpisodeCache.Config cache) {
    return read(from, bags(from, most), decoder, cache);
  }

  /** The bags that {@link #read} reads. */
  List<Path> bags(Path from, int most) {
    List<Path> bags = Files.isDirectory(from) ? Rollouts.bags(from) : paths(from);
    return bags.subList(0, Math.min(most, bags.size()));
  }

  /** Reads one episode of any outcome, whose instruction the reward classifier knows. */
  Recordings.Folder readCourse(Path bag, EpisodeCache.Config cache) {
    return read(bag, List.of(bag), EpisodeDecoder.ofCourse(bundle.spec()), cache);
  }

  private Recordings.Folder read(
      Path from, List<Path> bags, EpisodeDecoder decoder, EpisodeCache.Config cache) {
    Recordings recordings =
        Recordings.openAll(
            from, bags, new EpisodeCache(cache, decoder, Progress::say), loop.stop());
    if (!instructions.containsAll(recordings.instructions())) {
      throw new TrainerException(
          "the reward classifier knows the instructions %s, and the bags have %s"
              .formatted(instructions, recordings.instructions()));
    }
    return recordings
        .data(bundle.tokenizer(), instructions, settings.instructions(), steps().executed())
        .getFirst();
  }

  private static List<Path> paths(Path list) {
    try {
      return Files.readAllLines(list).stream().filter(l -> !l.isBlank()).map(Path::of).toList();
    } catch (IOException e) {
      throw new TrainerException("cannot read " + list + ": " + e, e);
    }
  }

  /**
   * Begins an imagination.
   *
   * @param data with the round's instructions
   */
  Imagination imagination(Dataset data) {
    return new Imagination(
        networks.vae(),
        networks.worldModel(),
        networks.jointHead(),
        networks.classifier(),
        threshold,
        data,
        steps());
  }

  /**
   * Returns what the round's world models believe, all of them where it aligned several.
   *
   * @param models folder with the auto-encoder
   * @param draws that are compared of a single one
   */
  Belief belief(Path models, int draws) {
    Networks all = networks.loadOthers(settings, bundle.spec(), models, loop);
    return new Belief(new Ensemble(all.worldModels()), draws);
  }

  /** Returns whether the round tells what it was given. */
  boolean tells() {
    return !seen.isEmpty() || !sides.equals(Sides.NONE);
  }

  /** Returns whether the round has learned from a recording, or chosen its threshold by it. */
  boolean knows(Recording recording) {
    return seen.contains(recording.sha256()) || sides.knows(recording.id());
  }

  /** Returns whether a network of the round has learned from a recording. */
  boolean hasLearned(Recording recording) {
    return knows(recording) && !sides.judges(recording.id());
  }

  /** Steps that go together for the policy. */
  Steps steps() {
    return settings.steps(bundle.spec());
  }

  /** Returns what a round that has ended tells of itself. */
  static JsonNode improve(Path file) {
    if (!Files.exists(file)) {
      throw new TrainerException(
          "there is no %s: imagination needs a round that has ended; run: reverie train improve"
              .formatted(file));
    }
    try {
      return RunReport.JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new TrainerException(
          "%s cannot be read as JSON; run again what made it: reverie train improve"
              .formatted(file),
          e);
    }
  }

  private static Set<String> seen(JsonNode recordings) {
    Set<String> seen = new HashSet<>();
    recordings.forEach(folder -> folder.forEach(hash -> seen.add(hash.asText())));
    return seen;
  }

  private static double threshold(JsonNode round, Path file) {
    JsonNode threshold = round.at("/reward_classifier/threshold");
    if (!threshold.isNumber()) {
      throw new TrainerException(
          "%s does not tell the threshold of its reward classifier; run again what made it: reverie train improve"
              .formatted(file));
    }
    return threshold.asDouble();
  }

  /** Refuses networks that were made again after the round had ended. */
  private static void requireSameWeights(JsonNode weights, TrainLoop loop) {
    for (String stage : Networks.OF_A_ROUND) {
      String now = TrainLoop.sha256(loop.weights(stage));
      String then = weights.path(stage).asText("none");
      if (!then.equals(now)) {
        throw new TrainerException(
            "%s is not the one of the round that improve.json tells of (SHA-256 %s, not %s); run: reverie train improve"
                .formatted(loop.weights(stage), now, then));
      }
    }
  }
}
