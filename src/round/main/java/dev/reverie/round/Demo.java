package dev.reverie.round;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.report.ReverieProcess;
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
   * @param task of the planar arm
   * @param demonstrations that the scripted expert gives; 500 is what the base policy was cloned
   *     from
   * @param rollouts of the policy that the world model is aligned with: WMPO's smaller budget, 128
   * @param episodes that each evaluation takes; 500 leaves +-4 points
   * @param fromScratch base policy, auto-encoder and world model are made here, not taken from
   *     {@code models}
   * @param despiteAudit swaps the better policy in where imagination is not to be believed, too
   * @param settings of the trainer
   */
  record Config(
      long seed,
      String task,
      int demonstrations,
      int rollouts,
      int episodes,
      boolean fromScratch,
      boolean despiteAudit,
      TrainerSettings settings) {}

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
    return new Demo(config, out, before.resolve(RoundTraining.NEXT), Optional.of(before), console);
  }

  /** Seeds of a round and of those before it. */
  private static List<Long> seeds(Path round) {
    JsonNode summary = RoundTraining.read(round.resolve("round.json"));
    List<Long> seeds = new ArrayList<>(List.of(summary.path("seed").asLong()));
    summary.path("seeds_before").forEach(seed -> seeds.add(seed.asLong()));
    return seeds;
  }

  /** Runs the round, and leaves its result and its page in the folder. */
  RoundSummary run() {
    Folders.requireEmpty(out);
    float practised = config.settings().temperature(out.resolve("logs/settings.log"));
    Optional<Path> first =
        config.fromScratch()
            ? PlanarTask.first(SimulatedScene.task(config.task()), config.task(), out)
            : Optional.of(models.resolve("base"));
    try (ArmCell cell = stages.run("start", () -> startCell(first))) {
      RoundTraining training = training(cell::await);
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
      Path from =
          config.fromScratch()
              ? stages.run("pretrain", () -> training.pretrain(demonstrations))
              : models;
      Path base = from.resolve("base");
      String baseId = cell.swap(base);
      stages.run(
          "rollouts",
          () ->
              batch.run(
                  Phase.ROLLOUT,
                  0,
                  config.rollouts(),
                  Phase.ROLLOUT.temperature(practised),
                  out.resolve("rollouts")));

      Path improved = training.improved();
      List<Boolean> baseOutcomes;
      Runnable trained = stages.begin("improve");
      try (ReverieProcess process = training.improve(from, base)) {
        CompletableFuture<Void> end =
            process
                .ended()
                .thenRun(
                    () -> {
                      if (process.succeeded()) {
                        trained.run();
                      }
                    });
        baseOutcomes = stages.run("evaluate_base", () -> evaluate(batch, "base"));
        cell.await("end of the training", end);
        process.requireSuccess();
      }
      RoundAudit baseAudit = stages.run("audit_base", () -> training.audit(from, base, "base"));
      String improvedId = RoundTraining.read(training.result()).path("improved").asText();
      Optional<RoundSummary.Improved> after = Optional.empty();
      if (baseAudit.believed() || config.despiteAudit()) {
        stages.run("swap", () -> cell.swap(improved));
        List<Boolean> outcomes = stages.run("evaluate_improved", () -> evaluate(batch, "improved"));
        RoundAudit audit =
            stages.run("audit_improved", () -> training.audit(from, improved, "improved"));
        after =
            Optional.of(
                new RoundSummary.Improved(
                    Success.of(outcomes), Success.gain(baseOutcomes, outcomes), true, audit));
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
      training.leaveForNext(from, summary.better() ? improved : base);
      return summary;
    }
  }

  private ArmCell startCell(Optional<Path> bundle) {
    return ArmCell.start(SimulatedScene.task(config.task()), bundle, out);
  }

  private RoundTraining training(RoundTraining.Waiting waiting) {
    return new RoundTraining(
        out, out.resolve("cache"), config.seed(), config.settings(), console, waiting);
  }

  private List<Boolean> evaluate(EpisodeBatch batch, String policy) {
    return batch.run(
        Phase.EVALUATION,
        0,
        config.episodes(),
        Phase.OF_EVALUATIONS,
        out.resolve("evaluation").resolve(policy));
  }
}
