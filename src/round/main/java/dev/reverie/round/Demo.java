package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.ReverieProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One round on the simulated arm: demonstrations, rollouts, world model, imagination, hot swap,
 * evaluation. The trainer runs beside the evaluation of the base policy.
 */
final class Demo {
  /**
   * Sizes of a round.
   *
   * @param demonstrations that the scripted expert gives; 500 is what the base policy was cloned
   *     from
   * @param rollouts of the policy that the world model is aligned with: WMPO's smaller budget, 128
   * @param episodes that each evaluation takes; 500 leaves +-4 points
   * @param fromScratch base policy, auto-encoder and world model are made here, not taken from
   *     {@code models}
   * @param despiteAudit swaps the better policy in where imagination is not to be believed, too
   * @param settings JSON file with the trainer's settings that are to be others
   */
  record Config(
      long seed,
      int demonstrations,
      int rollouts,
      int episodes,
      boolean fromScratch,
      boolean despiteAudit,
      Optional<Path> settings) {}

  /**
   * Folder that a round leaves for the next one: base policy, auto-encoder, world model, as in
   * models/.
   */
  private static final String NEXT = "next";

  /**
   * Temperature of the tokens: 1, the policy's own distribution, which the trainer's ratios and
   * imagination assume; the same for evaluation, so that it tells of the policy that was trained.
   */
  private static final float TEMPERATURE = 1;

  private final Config config;
  private final Path out;
  private final Path models;
  private final Optional<Path> before;
  private final Console console;
  private final Stages stages;

  private Demo(Config config, Path out, Path models, Optional<Path> before, Console console) {
    this.config = config;
    this.out = out;
    this.models = models;
    this.before = before;
    this.console = console;
    stages = new Stages(console);
  }

  /**
   * A first round.
   *
   * @param out an empty or new folder
   * @param models folder with {@code base} (bundle), auto-encoder and world model
   */
  static Demo first(Config config, Path out, Path models, Console console) {
    return new Demo(config, out, models, Optional.empty(), console);
  }

  /**
   * A round after another one: it begins with that one's policy, world model, demonstrations and
   * rollouts.
   *
   * @param out an empty or new folder
   * @param before folder of the other round, which must have had another seed
   */
  static Demo after(Config config, Path out, Path before, Console console) {
    List<Long> seeds = seeds(before);
    if (seeds.contains(config.seed())) {
      throw new RoundException(
          "the round in %s, or one before it, had seed %d too (%s); give another --seed, so that it sees new scenes"
              .formatted(before, config.seed(), seeds));
    }
    return new Demo(config, out, before.resolve(NEXT), Optional.of(before), console);
  }

  /** Seeds of a round and of those before it. */
  private static List<Long> seeds(Path round) {
    JsonNode summary = read(round.resolve("round.json"));
    List<Long> seeds = new ArrayList<>(List.of(summary.path("seed").asLong()));
    summary.path("seeds_before").forEach(seed -> seeds.add(seed.asLong()));
    return seeds;
  }

  /** Runs the round, and leaves its result and its page in the folder. */
  RoundSummary run() {
    Folders.requireEmpty(out);
    Path first = config.fromScratch() ? untrained() : models.resolve("base");
    try (ArmCell cell = stages.run("start", () -> startCell(first))) {
      var batch = new EpisodeBatch(console, cell, config.seed());
      Path demonstrations = out.resolve("demonstrations");
      if (before.isPresent()) {
        Path round = before.get();
        Folders.link(
            List.of(round.resolve("demonstrations"), round.resolve("rollouts")), demonstrations);
      } else {
        stages.run(
            "demonstrations",
            () -> batch.run(Phase.DEMONSTRATION, 0, config.demonstrations(), 0, demonstrations));
      }
      Path from = config.fromScratch() ? pretrain(cell, demonstrations) : models;
      Path base = from.resolve("base");
      String baseId = cell.swap(base);
      stages.run(
          "rollouts",
          () ->
              batch.run(Phase.ROLLOUT, 0, config.rollouts(), TEMPERATURE, out.resolve("rollouts")));

      Path work = out.resolve("training");
      Path improved = out.resolve("bundles").resolve("improved");
      List<Boolean> baseOutcomes;
      Runnable trained = stages.begin("improve");
      try (ReverieProcess training = improve(from, base, work, improved)) {
        CompletableFuture<Void> end =
            training
                .ended()
                .thenRun(
                    () -> {
                      if (training.succeeded()) {
                        trained.run();
                      }
                    });
        baseOutcomes = stages.run("evaluate_base", () -> evaluate(batch, "base"));
        cell.await("end of the training", end);
        training.requireSuccess();
      }
      RoundAudit baseAudit = stages.run("audit_base", () -> audit(cell, from, base, "base"));
      String improvedId = read(work.resolve("improve.json")).path("improved").asText();
      Optional<RoundSummary.Improved> after = Optional.empty();
      if (baseAudit.believed() || config.despiteAudit()) {
        stages.run("swap", () -> cell.swap(improved));
        List<Boolean> outcomes = stages.run("evaluate_improved", () -> evaluate(batch, "improved"));
        RoundAudit audit =
            stages.run("audit_improved", () -> audit(cell, from, improved, "improved"));
        after =
            Optional.of(
                new RoundSummary.Improved(
                    Success.of(outcomes), Success.gain(baseOutcomes, outcomes), audit));
      }
      var summary =
          new RoundSummary(
              config.seed(),
              before.map(Demo::seeds).orElse(List.of()),
              Success.of(baseOutcomes),
              baseAudit,
              after,
              stages.seconds(),
              new RoundSummary.Policies(baseId, improvedId));
      summary.write(out.resolve("round.json"));
      Report.write(out, summary);
      leaveForNext(from, work, summary.better() ? improved : base);
      return summary;
    }
  }

  private ArmCell startCell(Path bundle) {
    return ArmCell.start(Optional.empty(), Optional.of(bundle), out);
  }

  /** No policy that is not surely better becomes the base of the next round. */
  private void leaveForNext(Path from, Path work, Path better) {
    Path next = out.resolve(NEXT);
    Folders.copy(better, next.resolve("base"));
    Folders.copy(from.resolve("vae.safetensors"), next.resolve("vae.safetensors"));
    Folders.copy(work.resolve("world_model.safetensors"), next.resolve("world_model.safetensors"));
  }

  private List<Boolean> evaluate(EpisodeBatch batch, String policy) {
    return batch.run(
        Phase.EVALUATION,
        0,
        config.episodes(),
        TEMPERATURE,
        out.resolve("evaluation").resolve(policy));
  }

  /** Holds imagination against the episodes of an evaluation, whose scenes nothing learned from. */
  private RoundAudit audit(ArmCell cell, Path from, Path bundle, String policy) {
    Path file = out.resolve("training").resolve("audit_%s.json".formatted(policy));
    List<Object> command = new ArrayList<>(List.of("train", "audit"));
    command.addAll(List.of("--bags", out.resolve("evaluation").resolve(policy)));
    command.addAll(List.of("--bundle", bundle, "--models", from));
    command.addAll(List.of("--work", out.resolve("training"), "--out", file));
    command.addAll(List.of("--cache", out.resolve("cache"), "--seed", config.seed()));
    try (ReverieProcess process = trainer(command)) {
      cell.await("end of the audit", process.ended());
      if (!process.endedWith(RoundAudit.DISTRUSTED)) {
        process.requireSuccess();
      }
    }
    return RoundAudit.of(read(file));
  }

  /** Makes a policy of random weights, so that the node knows what it is to record. */
  private Path untrained() {
    Path bundle = out.resolve("bundles").resolve("untrained");
    List<Object> command = new ArrayList<>(List.of("train", "untrained", "--out", bundle));
    for (String colour : List.of("red", "green", "blue")) {
      command.addAll(List.of("--instruction", "insert the peg into the " + colour + " slot"));
    }
    try (ReverieProcess process = trainer(command)) {
      process.join();
    }
    return bundle;
  }

  private Path pretrain(ArmCell cell, Path demonstrations) {
    Path made = out.resolve("models");
    List<Object> command = new ArrayList<>(List.of("pretrain", "--out", made));
    command.addAll(commonOptions(demonstrations));
    Runnable end = stages.begin("pretrain");
    try (ReverieProcess process = trainer(command)) {
      cell.await("end of the pretraining", process.ended());
      process.requireSuccess();
    }
    end.run();
    return made;
  }

  private ReverieProcess improve(Path from, Path base, Path work, Path improved) {
    List<Object> command = new ArrayList<>(List.of("train", "improve"));
    command.addAll(List.of("--rollouts", out.resolve("rollouts"), "--base", base));
    command.addAll(List.of("--models", from, "--work", work, "--out", improved));
    command.addAll(commonOptions(out.resolve("demonstrations")));
    return trainer(command);
  }

  /** Pretraining and practice see the same demonstrations, which are decoded once. */
  private List<Object> commonOptions(Path demonstrations) {
    List<Object> options = new ArrayList<>(List.of("--demonstrations", demonstrations));
    options.addAll(List.of("--cache", out.resolve("cache"), "--seed", config.seed()));
    config.settings().ifPresent(file -> options.addAll(List.of("--settings", file)));
    return options;
  }

  private ReverieProcess trainer(List<?> command) {
    return ReverieProcess.followed(
        out.resolve("logs").resolve("trainer.log"),
        command.stream().map(String::valueOf).toList(),
        new StageLines(System::nanoTime, console::line));
  }

  private static JsonNode read(Path file) {
    try {
      return RoundSummary.JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
