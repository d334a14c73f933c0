package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One lifelong round on the simulated arm: demonstrations, rollouts, world model, imagination, hot
 * swap, evaluation. The trainer runs beside the evaluation of the base policy.
 */
final class Demo {

  /**
   * Sizes of a round.
   *
   * @param demonstrations that the scripted expert gives; 500 is what the base policy was cloned
   *     from
   * @param rollouts of the policy that the world model is aligned with: WMPO's smaller budget, 128
   * @param episodes that each evaluation takes; 500 leaves +-4 points
   * @param fromScratch base policy, VAE and world model are made here, not taken from {@code
   *     models}
   */
  record Config(long seed, int demonstrations, int rollouts, int episodes, boolean fromScratch) {}

  /** What a round leaves for the next one: base policy, VAE and world model, as in models/. */
  private static final String NEXT = "next";

  /** Tokens are drawn at the temperature they train at (recipe: 1), for evaluation too. */
  private static final float TEMPERATURE = 1;

  private final Config config;
  private final Path out;
  private final Path models;
  private final Optional<Path> before;
  private final Stages stages = new Stages();

  private Demo(Config config, Path out, Path models, Optional<Path> before) {
    this.config = config;
    this.out = out;
    this.models = models;
    this.before = before;
    Folders.requireEmpty(out);
  }

  /**
   * A first round.
   *
   * @param out an empty or new folder
   * @param models folder with {@code base} (bundle), VAE and world model
   */
  static Demo first(Config config, Path out, Path models) {
    return new Demo(config, out, models, Optional.empty());
  }

  /**
   * A round after another one: it begins with that one's policy, world model, demonstrations and
   * rollouts.
   *
   * @param before folder of the other round, which must have had another seed
   */
  static Demo after(Config config, Path out, Path before) {
    JsonNode summary = read(before.resolve("round.json"));
    if (summary.path("seed").asLong() == config.seed()) {
      throw new RoundException(
          "the round in %s had seed %d too; give another --seed, so that it sees new scenes"
              .formatted(before, config.seed()));
    }
    return new Demo(config, out, before.resolve(NEXT), Optional.of(before));
  }

  RoundSummary run() {
    Path first = config.fromScratch() ? untrained() : models.resolve("base");
    try (var cell = stages.run("start", () -> ArmCell.start(first, out))) {
      var batch = new EpisodeBatch(cell, config.seed());
      Path demonstrations = out.resolve("demonstrations");
      before.ifPresentOrElse(
          round ->
              Folders.link(
                  List.of(round.resolve("demonstrations"), round.resolve("rollouts")),
                  demonstrations),
          () ->
              stages.run(
                  "demonstrations",
                  () ->
                      batch.run(
                          Phase.DEMONSTRATION, 0, config.demonstrations(), 0, demonstrations)));
      Path from = config.fromScratch() ? pretrain(demonstrations) : models;
      Path base = from.resolve("base");
      String baseId = cell.swap(base);

      Path rollouts = out.resolve("rollouts");
      stages.run(
          "rollouts", () -> batch.run(Phase.ROLLOUT, 0, config.rollouts(), TEMPERATURE, rollouts));

      Path work = out.resolve("training");
      Path improved = out.resolve("bundles").resolve("improved");
      var training =
          CompletableFuture.runAsync(
              () -> stages.run("improve", () -> improve(from, base, work, improved)));
      Success baseSuccess =
          stages.run(
              "evaluate_base", () -> evaluate(batch, out.resolve("evaluation").resolve("base")));
      join(training);

      String after = stages.run("swap", () -> cell.swap(improved));
      Success improvedSuccess =
          stages.run(
              "evaluate_improved",
              () -> evaluate(batch, out.resolve("evaluation").resolve("improved")));

      JsonNode trained = read(work.resolve("improve.json"));
      var summary =
          new RoundSummary(
              config.seed(),
              baseSuccess,
              improvedSuccess,
              new RoundSummary.Imagined(
                  trained.at("/imagined/before").asDouble(),
                  trained.at("/imagined/after").asDouble()),
              stages.seconds(),
              new RoundSummary.Policies(baseId, after));
      summary.write(out.resolve("round.json"));
      leaveForNext(from, work, improved);
      return summary;
    }
  }

  private void leaveForNext(Path from, Path work, Path improved) {
    Path next = out.resolve(NEXT);
    Folders.copy(improved, next.resolve("base"));
    Folders.copy(from.resolve("vae.safetensors"), next.resolve("vae.safetensors"));
    Folders.copy(work.resolve("world_model.safetensors"), next.resolve("world_model.safetensors"));
  }

  private Success evaluate(EpisodeBatch batch, Path into) {
    return batch.run(Phase.EVALUATION, 0, config.episodes(), TEMPERATURE, into);
  }

  /** A policy of random weights, so that the node knows what it is to record. */
  private Path untrained() {
    Path bundle = out.resolve("bundles").resolve("untrained");
    var arguments = new ArrayList<>(List.of("train", "untrained", "--out", bundle.toString()));
    for (String colour : List.of("red", "green", "blue")) {
      arguments.addAll(List.of("--instruction", "insert the peg into the " + colour + " slot"));
    }
    trainer(arguments.toArray(String[]::new));
    return bundle;
  }

  private Path pretrain(Path demonstrations) {
    Path made = out.resolve("models");
    stages.run(
        "pretrain",
        () ->
            trainer(
                "pretrain",
                "--demonstrations",
                demonstrations.toString(),
                "--out",
                made.toString(),
                "--cache",
                cache().toString(),
                "--seed",
                Long.toString(config.seed())));
    return made;
  }

  private void improve(Path from, Path base, Path work, Path improved) {
    trainer(
        "train",
        "improve",
        "--rollouts",
        out.resolve("rollouts").toString(),
        "--demonstrations",
        out.resolve("demonstrations").toString(),
        "--base",
        base.toString(),
        "--models",
        from.toString(),
        "--work",
        work.toString(),
        "--out",
        improved.toString(),
        "--cache",
        cache().toString(),
        "--seed",
        Long.toString(config.seed()));
  }

  /** Decoded episodes: pretraining and practice see the same demonstrations. */
  private Path cache() {
    return out.resolve("cache");
  }

  private void trainer(String... arguments) {
    Path log = out.resolve("logs").resolve("trainer.log");
    try (var process = NodeProcess.start(log, Map.of(), List.of(arguments))) {
      process.join();
    }
  }

  private static void join(CompletableFuture<Void> training) {
    try {
      training.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static JsonNode read(Path file) {
    try {
      return RoundSummary.JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
