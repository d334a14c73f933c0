package dev.reverie.round;

import dev.reverie.mcap.Durable;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.report.Interval;
import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.Rollouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Round after round in one folder. Each begins with the policy that the one before ended with,
 * learns from that policy's recordings and, against forgetting, from all others of the run, and
 * ends with a policy that is surely better, or with the one that it began with. A stopped run goes
 * on where it was.
 */
final class Lifelong {
  /** Rounds that a seed of a run has room for. */
  private static final int MOST_ROUNDS = 1000;

  /** Fewer pairs that all ended alike would have an interval without width. */
  private static final int LEAST_EPISODES = 8;

  /**
   * Sizes, which may be others whenever a run goes on.
   *
   * @param rounds that there are to be in all
   * @param rollouts new ones, in the first round and where imagination has drifted
   * @param episodes of each evaluation
   * @param drift by which imagined and real success may surely differ before new rollouts are asked
   *     for, a share
   * @param collect asks for them in every round
   * @param settings of the trainer
   */
  record Config(
      int rounds,
      int rollouts,
      int episodes,
      double drift,
      boolean collect,
      TrainerSettings settings) {
    Config {
      requireRange("--rounds", rounds, 1, MOST_ROUNDS - 1);
      requireRange("--rollouts", rollouts, 2, 99_999);
      requireRange("--episodes", episodes, LEAST_EPISODES, 99_999);
      requireRange("--drift", drift, 0, 1);
    }

    private static void requireRange(String option, double value, double least, double most) {
      if (!(value >= least && value <= most)) {
        throw new RoundException(
            "%s is %s, and must be from %s to %s".formatted(option, value, least, most));
      }
    }
  }

  private final Config config;
  private final Path folder;
  private final Path models;
  private final Console console;
  private final Recorder recorder;
  private LifelongState state;

  Lifelong(
      Config config,
      Path folder,
      Path models,
      LifelongState state,
      Recorder recorder,
      Console console) {
    this.config = config;
    this.folder = folder;
    this.models = models;
    this.state = state;
    this.recorder = recorder;
    this.console = console;
  }

  /** Runs the rounds that are still to come. */
  void run() {
    for (int number = state.rounds().size() + 1; number <= config.rounds(); number++) {
      console.line("==== round " + number);
      state = state.with(round(number));
      state.write(folder.resolve("state.json"));
      LifelongReport.write(folder, state);
      Path next = folder(folder, number).resolve(RoundTraining.NEXT).resolve("base");
      recorder.goOnWith(new Recorder.Recorded(next, state.rounds().getLast().next()));
    }
  }

  /** The folder of a round in that of its run. */
  static Path folder(Path run, int number) {
    return run.resolve("rounds").resolve(String.format(Locale.ROOT, "%04d", number));
  }

  private long seed(int number) {
    return state.run().seed() * MOST_ROUNDS + number;
  }

  private LifelongState.Ended round(int number) {
    Path out = folder(folder, number);
    Path left = number == 1 ? models : folder(folder, number - 1).resolve(RoundTraining.NEXT);
    Path bundle = left.resolve("base");
    var base = new Recorder.Recorded(bundle, PolicyBundle.load(bundle).id());
    long seed = seed(number);
    var stages = new Stages(console);
    var training =
        new RoundTraining(
            out, folder.resolve("cache"), seed, config.settings(), console, recorder::await);

    Path from = number == 1 ? models : training.beginning(left, models);
    Path demonstrations = demonstrations(base, stages);
    new EarlierRecordings(folder, state.rounds()).link(demonstrations, base.id(), out);
    int fresh = fresh(number, out);
    if (fresh > 0) {
      Path into = out.resolve("rollouts").resolve("new");
      stages.run("rollouts", () -> recorder.record(Phase.ROLLOUT, seed, base, fresh, into));
    }
    List<Boolean> before = improve(training, from, base, seed, stages);
    String improvedId = RoundTraining.read(training.result()).path("improved").asText();
    RoundAudit audit =
        recorder.sameScenes()
            ? stages.run("audit_base", () -> training.audit(from, bundle, "base"))
            : RoundAudit.ofTraining(training.result());
    Optional<RoundSummary.Improved> after = Optional.empty();
    if (audit.believed()) {
      var improved = new Recorder.Recorded(training.improved(), improvedId);
      List<Boolean> outcomes =
          stages.run("evaluate_improved", () -> evaluate(out, "improved", improved, seed));
      RoundAudit second =
          stages.run("audit_improved", () -> training.audit(from, improved.bundle(), "improved"));
      after = Optional.of(compared(before, outcomes, second));
    }
    var summary =
        new RoundSummary(
            seed,
            IntStream.range(1, number).mapToObj(this::seed).toList(),
            Success.of(before),
            audit,
            after,
            stages.seconds(),
            new RoundSummary.Policies(base.id(), improvedId));
    summary.write(out.resolve("round.json"));
    Report.write(out, summary);
    training.leaveForNext(from, summary.better() ? training.improved() : bundle);
    console.line(summary.table());
    return ended(number, summary, out);
  }

  private LifelongState.Ended ended(int number, RoundSummary summary, Path out) {
    boolean taken = summary.better();
    Interval drift =
        taken ? summary.improved().orElseThrow().audit().gap() : summary.baseAudit().gap();
    return new LifelongState.Ended(
        number,
        summary.policy().before(),
        summary.policy().after(),
        taken,
        summary.base(),
        summary.improved().map(RoundSummary.Improved::real).orElse(null),
        summary.improved().map(RoundSummary.Improved::gain).orElse(null),
        summary.baseAudit().believed(),
        drift,
        drifted(drift, config.drift()),
        Recorder.episodes(out.resolve("rollouts").resolve("new")).size()
            + Recorder.episodes(out.resolve("evaluation")).size());
  }

  /** Tells whether imagined success is surely further from the real one than it may be. */
  static boolean drifted(Interval gap, double limit) {
    return gap.low() > limit || gap.high() < -limit;
  }

  /** The decision is by pairs where both policies had the same scenes. */
  private RoundSummary.Improved compared(
      List<Boolean> before, List<Boolean> after, RoundAudit audit) {
    Success real = Success.of(after);
    return recorder.sameScenes()
        ? new RoundSummary.Improved(real, Success.gain(before, after), true, audit)
        : new RoundSummary.Improved(
            real, Success.difference(Success.of(before), real), false, audit);
  }

  /** Trains, beside the evaluation of the base policy. */
  private List<Boolean> improve(
      RoundTraining training, Path from, Recorder.Recorded base, long seed, Stages stages) {
    Path out = training.out();
    if (training.ended()) {
      return stages.run("evaluate_base", () -> evaluateBase(out, base, seed));
    }
    Folders.delete(training.improved()); // of a run that was stopped between both
    setAside(training);
    Runnable trained = stages.begin("improve");
    try (ReverieProcess process = training.improve(from, base.bundle())) {
      List<Boolean> outcomes = stages.run("evaluate_base", () -> evaluateBase(out, base, seed));
      recorder.await("end of the training", process.ended());
      process.requireSuccess();
      trained.run();
      return outcomes;
    }
  }

  /** A training that was refused for its rollouts begins anew when there are more of them. */
  private static void setAside(RoundTraining training) {
    Path marker = training.out().resolve("rollouts.count");
    String now = String.valueOf(Rollouts.bags(training.out().resolve("rollouts")).size());
    try {
      String then = Files.exists(marker) ? Files.readString(marker).strip() : now;
      if (!then.equals(now) && Files.exists(training.work())) {
        Folders.replace(training.work(), training.out().resolve("training-of-" + then));
      }
      Durable.write(marker, now + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + marker, e);
    }
  }

  /** A real arm's rollouts of the base policy tell of it already. */
  private List<Boolean> evaluateBase(Path out, Recorder.Recorded base, long seed) {
    return recorder.sameScenes()
        ? evaluate(out, "base", base, seed)
        : Recorder.outcomes(out.resolve("rollouts"));
  }

  private List<Boolean> evaluate(Path out, String name, Recorder.Recorded policy, long seed) {
    Path into = out.resolve("evaluation").resolve(name);
    recorder.record(Phase.EVALUATION, seed, policy, config.episodes(), into);
    List<Boolean> outcomes = Recorder.outcomes(into);
    return outcomes.subList(0, Math.min(config.episodes(), outcomes.size()));
  }

  /** The scripted expert gives the demonstrations where no folder of them was named. */
  private Path demonstrations(Recorder.Recorded base, Stages stages) {
    int expert = state.run().expert();
    if (expert == 0) {
      return Path.of(state.run().demonstrations());
    }
    Path into = folder.resolve("demonstrations");
    stages.run(
        "demonstrations", () -> recorder.record(Phase.DEMONSTRATION, seed(1), base, expert, into));
    return into;
  }

  /**
   * Returns how many new rollouts a round asks for: none where there are recordings of its base
   * policy of both outcomes and imagination has not drifted from them (WoVR's co-evolution, by what
   * is measured).
   */
  private int fresh(int number, Path out) {
    List<Boolean> earlier =
        Recorder.outcomes(out.resolve("rollouts").resolve(EarlierRecordings.EARLIER));
    long successes = earlier.stream().filter(success -> success).count();
    boolean both = Math.min(successes, earlier.size() - successes) >= BagsRecorder.OF_EACH_OUTCOME;
    if (number > 1 && both && !config.collect() && !state.rounds().getLast().drifted()) {
      console.line(
          "   no new rollouts: %d of this policy are there, and imagination has not drifted"
              .formatted(earlier.size()));
      return 0;
    }
    return config.rollouts();
  }
}
