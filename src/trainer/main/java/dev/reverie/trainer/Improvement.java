package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Sides;
import dev.reverie.trainer.data.Split;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A round's training from files to files: recordings and a base policy to a better bundle. */
final class Improvement {
  /** The file of what a round has found out, in its folder. */
  static final String REPORT = "improve.json";

  private final Settings settings;
  private final PolicyBundle base;
  private final Recordings recordings;
  private final Recordings.Folder demonstrations;
  private final Recordings.Folder rollouts;
  private final RecordedTemperatures temperatures;
  private final Counts counts;
  private final TrainLoop loop;
  private final Path models;

  private Improvement(
      Settings settings,
      PolicyBundle base,
      Recordings recordings,
      Recordings.Folder demonstrations,
      Recordings.Folder rollouts,
      RecordedTemperatures temperatures,
      TrainLoop loop,
      Path models) {
    this.temperatures = temperatures;
    this.settings = settings;
    this.base = base;
    this.recordings = recordings;
    this.demonstrations = demonstrations;
    this.rollouts = rollouts;
    this.loop = loop;
    this.models = models;
    counts = new Counts(demonstrations.data(), rollouts.data());
  }

  /**
   * The folders that a round learns from, and the one that it works in.
   *
   * @param base bundle of the policy that made the rollouts
   * @param demonstrations folder of bags
   * @param rollouts folder of bags
   * @param models folder with the auto-encoder and the world model
   * @param work folder of the run; a stopped one goes on there
   */
  record RunFolders(Path base, Path demonstrations, Path rollouts, Path models, Path work) {
    /** Refuses what is not there, before anything is made or read; returns the base policy. */
    PolicyBundle requireThere() {
      PolicyBundle policy = GivenPolicy.load(base);
      Rollouts.bags(demonstrations);
      Rollouts.bags(rollouts);
      for (Path weights :
          List.of(
              Pretrained.vaeWeights(models),
              new TrainLoop(models, 0, "").weights(Networks.WORLD_MODEL))) {
        if (!Files.exists(weights)) {
          throw new TrainerException(
              "--models %s has no %s; give the folder that pretrain left, its --out"
                  .formatted(models, weights.getFileName()));
        }
      }
      return policy;
    }
  }

  /**
   * Decodes the bags.
   *
   * @param base of the folders
   * @param cache of decoded episodes
   */
  static Improvement open(
      Settings settings,
      PolicyBundle base,
      RunFolders folders,
      EpisodeCache.Config cache,
      long seed,
      BooleanSupplier stop) {
    Recordings recordings =
        Recordings.open(
            List.of(folders.demonstrations(), folders.rollouts()),
            new EpisodeCache(cache, EpisodeDecoder.of(base.spec()), Progress::say),
            stop);
    ChunkTiming timing = recordings.timing();
    Settings set = settings.asIn(timing, base.spec());
    likeTheRollouts(set.steps(base.spec()), timing).forEach(Progress::say);
    recordings.otherArms(base.spec().cameras()).told(set.rollouts()).forEach(Progress::say);
    List<Recordings.Folder> read =
        recordings.data(base.tokenizer(), set.instructions(), set.steps(base.spec()).executed());
    Recordings.Folder demonstrations = read.getFirst();
    Recordings.Folder rollouts = read.getLast().withSteps(); // each is judged and started from
    Path models = folders.models();
    if (set.worldModel().silhouette()) {
      ArmSight.of(recordings.anyBag(), base.spec(), set.worldModel().handEye())
          .requireSame(ArmSight.read(models), models.resolve(ArmSight.FILE).toString());
    }
    String inputs =
        RunInputs.of(
                read,
                base.id(),
                Pretrained.vaeWeights(models),
                new TrainLoop(models, seed, "").weights(Networks.WORLD_MODEL))
            + RunInputs.of(Sides.read(models));
    return new Improvement(
        set,
        base,
        recordings,
        demonstrations,
        rollouts,
        RecordedTemperatures.of(Rollouts.bags(folders.rollouts())),
        new TrainLoop(
            folders.work(), seed, inputs + set.instructions() + ", " + cache.alignment(), stop),
        models);
  }

  /** Says how chunks are carried out in imagination, where not whole or not as in the rollouts. */
  static List<String> likeTheRollouts(Steps imagined, ChunkTiming timing) {
    List<String> said = new ArrayList<>();
    if (!imagined.equals(Steps.whole(imagined.chunk()))) {
      said.add(
          "in imagination %d actions of a chunk of %d are carried out, the first %d steps after what the policy sees"
              .formatted(imagined.executed(), imagined.chunk(), imagined.delay()));
    }
    timing
        .executed()
        .ifPresentOrElse(
            actions -> {
              if (actions != imagined.executed()) {
                said.add(
                    "of most chunks in the rollouts %d actions were carried out, and in imagination it will be %d%s"
                        .formatted(
                            actions,
                            imagined.executed(),
                            remedy("imagination.executed", actions, imagined.chunk())));
              }
            },
            () ->
                said.add(
                    "no rollout tells how many actions of a chunk are carried out, since its chunks are mixed or it has one alone; in imagination it will be %d, unless imagination.executed says otherwise"
                        .formatted(imagined.executed())));
    timing
        .delay()
        .ifPresentOrElse(
            steps -> {
              if (steps != imagined.delay()) {
                said.add(
                    "in most chunks of the rollouts the first action came %d steps after what the policy saw, and in imagination it will be %d%s"
                        .formatted(
                            steps,
                            imagined.delay(),
                            remedy("imagination.delay", steps, imagined.chunk() - 1)));
              }
            },
            () ->
                said.add(
                    "no rollout tells how late the policy sees, since none has a second chunk; in imagination it will be %d steps, unless imagination.delay says otherwise"
                        .formatted(imagined.delay())));
    return said;
  }

  private static String remedy(String setting, int steps, int most) {
    return steps <= most
        ? "; set %s to %d".formatted(setting, steps)
        : ", since its chunks are shorter";
  }

  /** The stages one by one; each begins with what the ones before left in the work folder. */
  Wmpo prepare() {
    return Wmpo.prepare(
        settings, loop, base, demonstrations.data(), rollouts.data(), split(), models);
  }

  /** Draws a side for what has none; what the world model has seen before keeps its own. */
  private Split split() {
    Split.Config config = settings.rollouts();
    Split.requireOwn(rollouts.data(), base.id(), config);
    boolean bySeed = begunBySeed();
    requireKnownSides(bySeed);
    Split split;
    if (bySeed) {
      Torch.seed(loop.seed(), "split");
      split = Split.bySeed(demonstrations, rollouts, Sides.read(models), config);
    } else {
      split =
          Split.draw(demonstrations, rollouts, Sides.before(models, loop.folder(), config), config);
    }
    Ranks.world().requireSame("split of the rollouts", RunInputs.of(split.sides()));
    return split;
  }

  /**
   * Refuses a world model that has learned from rollouts and does not tell which; a run that an
   * earlier version, which drew by its seed, began with it goes on, and says what its figures are
   * worth.
   */
  private void requireKnownSides(boolean bySeed) {
    Path weights = new TrainLoop(models, 0, "").weights(Networks.WORLD_MODEL);
    boolean told = Files.exists(models.resolve(Sides.FILE));
    if (told || !TrainLoop.madeWithAny(weights, weights.getFileName().toString())) {
      return;
    }
    String lacking =
        "%s was aligned with rollouts, and there is no %s beside it, which would say which: earlier versions left none"
            .formatted(weights, Sides.FILE);
    if (!bySeed) {
      throw new TrainerException(
          lacking
              + ". So nobody knows which rollouts may judge: classifier, threshold and audit would be held against what the world model knows by heart. Give --models the folder that pretrain left, so that its world model is aligned on all of these rollouts anew, or put the file beside it from the --work of the run that aligned it");
    }
    Progress.say(
        lacking
            + ". This run was begun with it by an earlier version, and goes on; of the rollouts that are held out now it may have learned before, so that audit, precision and recall may look better than they are");
  }

  /** Tells whether an earlier version began in the folder, which drew by the run's seed. */
  private boolean begunBySeed() {
    boolean begun =
        StageInputs.ofRound(settings, base.spec()).stream()
            .map(StageInputs::stage)
            .anyMatch(one -> loop.finished(one) || Files.exists(loop.resumePoint(one)));
    boolean told = Files.exists(loop.folder().resolve(Sides.FILE));
    return begun && (!told || Sides.read(loop.folder()).bySeed());
  }

  /**
   * All stages, then the improved bundle and {@code improve.json}.
   *
   * @param out folder of the bundle; must not exist yet
   */
  void run(Path out) {
    temperatures.unlike(settings.grpo().temperature()).ifPresent(Progress::say);
    Wmpo.Result result;
    try (Wmpo wmpo = prepare()) {
      result = wmpo.run();
    }
    double parity = save(result.policy(), "WMPO", out);
    report(result, PolicyBundle.load(out), parity, out);
    if (Ranks.world().first()) {
      Progress.say(
          "%s is the improved policy: imagined success %.2f to %.2f; the report is %s"
              .formatted(
                  out,
                  result.before().imagined().value(),
                  result.after().value(),
                  loop.folder().resolve(REPORT)));
    }
  }

  /**
   * A baseline's bundle.
   *
   * @param method its name, for the lineage
   * @param out folder of the bundle; must not exist yet
   */
  void baseline(String method, Function<Baselines, PolicyBundle> learned, Path out) {
    var baselines =
        new Baselines(settings, loop, base, demonstrations.data(), rollouts.data(), split());
    save(learned.apply(baselines), method, out);
  }

  private double save(PolicyBundle policy, String method, Path out) {
    PolicyBundle described =
        policy
            .withLineage(lineage(method))
            .withCalibrations(recordings.calibrations(base.spec().cameras()));
    double parity = Parity.check(described);
    Ranks.world().once(() -> described.save(out));
    return parity;
  }

  /** Refuses a folder of a bundle that is there, or cannot be made. */
  static void requireNew(Path out) {
    if (Files.exists(out)) {
      throw new TrainerException(out + " exists already; choose another --out or remove it first");
    }
    FileErrors.folder(out)
        .ifPresent(
            why -> {
              throw new TrainerException(
                  "--out %s cannot be made: %s; choose another".formatted(out, why));
            });
  }

  private BundleSpec.Lineage lineage(String method) {
    SortedMap<String, String> given = new TreeMap<>();
    given.put("method", method);
    given.put("seed", Long.toString(loop.seed()));
    given.put("settings", settings.toJson());
    given.put(
        BundleSpec.Lineage.network("auto_encoder"),
        TrainLoop.sha256(Pretrained.vaeWeights(models)));
    for (String stage : Networks.OF_A_ROUND) {
      if (Files.exists(loop.weights(stage))) { // what is compared with the method trains none
        given.put(BundleSpec.Lineage.network(stage), TrainLoop.sha256(loop.weights(stage)));
      }
    }
    return new BundleSpec.Lineage(
        base.id(), rollouts.hashes(), given, recordings.measured(base.id()));
  }

  private void report(Wmpo.Result result, PolicyBundle improved, double parity, Path out) {
    ObjectNode report =
        RunReport.JSON
            .createObjectNode()
            .put("seed", loop.seed())
            .put("base", base.id())
            .put("improved", improved.id())
            .put("parity", parity);
    counts.put(report);
    report.putPOJO("instructions", rollouts.data().texts());
    report
        .putObject("imagined")
        .put("before", result.before().imagined().value())
        .put("after", result.after().value());
    boolean collapsed = result.control().collapsed(settings.audit().control());
    report
        .put("believed", !collapsed && !result.before().distrusts(settings.audit().gap()))
        .put("collapsed", collapsed)
        .putPOJO("audit", result.before())
        .putPOJO("imagined_after", result.after());
    report.put("max_steps", result.maxSteps());
    report
        .putObject("temperature")
        .put("practised", settings.grpo().temperature())
        .putPOJO("rollouts", temperatures.episodes());
    Path curves = loop.folder().resolve(Grpo.STAGE + ".jsonl");
    report
        .putObject("practice")
        .put("groups_without_gradient", 1 - Metrics.meanOf(curves, Grpo.MIXED_GROUPS))
        .put("distrusted_update", Metrics.meanOf(curves, Grpo.DISTRUSTED_UPDATE))
        .put("trusted", Metrics.meanOf(curves, Grpo.TRUSTED));
    report
        .putObject("replay_psnr_db")
        .putPOJO("before", result.replayPsnrBefore())
        .putPOJO("after", result.replayPsnrAfter());
    report.putPOJO("action_control", result.control());
    report.putPOJO("reward_classifier", result.threshold());
    report.put("joint_head_error_rad", result.jointErrorRad());
    report.putPOJO("joints_imagined", result.joints());
    report.putPOJO("seconds", result.seconds());
    report.putPOJO("settings", settings);
    report
        .putObject("recordings")
        .putPOJO("demonstrations", demonstrations.hashes())
        .putPOJO("rollouts", rollouts.hashes());
    ObjectNode weights = report.putObject("weights");
    Networks.OF_A_ROUND.forEach(stage -> weights.put(stage, TrainLoop.sha256(loop.weights(stage))));
    recordings.put(report);
    report
        .putObject("folders")
        .put("models", models.toAbsolutePath().normalize().toString())
        .put("improved", out.toAbsolutePath().normalize().toString());
    RunReport.write(loop.folder().resolve(REPORT), report);
  }

  /** Numbers of episodes; taken before the data sets are handed over. */
  private record Counts(int demonstrations, int rollouts, int successes) {
    Counts(Dataset demonstrations, Dataset rollouts) {
      this(demonstrations.episodes(), rollouts.episodes(), rollouts.successes());
    }

    void put(ObjectNode report) {
      report
          .put("demonstrations", demonstrations)
          .putObject("rollouts")
          .put("episodes", rollouts)
          .put("successes", successes);
    }
  }
}
