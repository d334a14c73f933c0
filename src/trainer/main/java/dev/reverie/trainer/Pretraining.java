package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PictureStatistics;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.rollout.Alignment;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.PolicyTask;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Tasks;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.model.BehaviourCloning;
import dev.reverie.trainer.model.SmallVla;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.onnx.Parity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Makes of demonstrations what a first round starts from: the base policy ({@code base}, a bundle),
 * the auto-encoder and the world model.
 */
final class Pretraining {
  static final String POLICY = "policy";

  /** Folder of the base policy's bundle. */
  static final String BASE = "base";

  /** A joint that moves less than this in all demonstrations counts as standing still. */
  private static final double STILL_RAD = 0.01;

  /** Pictures that tell what a camera sees. */
  private static final int PICTURES = 512;

  private final Settings settings;
  private final Path out;
  private final Optional<PolicyBundle> given;
  private final BaseOrigin origin;
  private final BundleSpec spec;
  private final Recordings recordings;
  private final Recordings.Folder demonstrations;
  private final TrainLoop loop;
  private final Pretrained pretrained;
  private final StageTimes times;

  private Pretraining(
      Settings settings,
      Optional<PolicyBundle> given,
      BaseOrigin origin,
      BundleSpec spec,
      Recordings recordings,
      Recordings.Folder demonstrations,
      TrainLoop loop,
      Pretrained pretrained,
      StageTimes times) {
    this.settings = settings;
    this.out = loop.folder();
    this.given = given;
    this.origin = origin;
    this.spec = spec;
    this.recordings = recordings;
    this.demonstrations = demonstrations;
    this.loop = loop;
    this.pretrained = pretrained;
    this.times = times;
  }

  /**
   * Decodes the demonstrations for a new policy.
   *
   * @param out folder of the models; a stopped run goes on there
   * @param cache of decoded episodes
   */
  static Pretraining open(
      Settings settings,
      PolicyTask task,
      Path demonstrationFolder,
      Path out,
      EpisodeCache.Config cache,
      long seed,
      BooleanSupplier stop) {
    BaseOrigin origin = BaseOrigin.of(settings, Optional.empty(), task.spec(List.of("any")), seed);
    Recordings recordings =
        recordings(origin, out, demonstrationFolder, EpisodeDecoder.of(task), cache, stop);
    BundleSpec spec = task.spec(recordings.instructions());
    return open(
        settings, Optional.empty(), origin, spec, recordings, cache.alignment(), out, seed, stop);
  }

  /**
   * Decodes the demonstrations for a policy that is there.
   *
   * @param given that is to learn from them
   * @param out folder of the models; a stopped run goes on there
   * @param cache of decoded episodes
   */
  static Pretraining open(
      Settings settings,
      PolicyBundle given,
      Path demonstrationFolder,
      Path out,
      EpisodeCache.Config cache,
      long seed,
      BooleanSupplier stop) {
    BundleSpec spec = given.spec();
    BaseOrigin origin = BaseOrigin.of(settings, Optional.of(given), spec, seed);
    Recordings recordings =
        recordings(origin, out, demonstrationFolder, EpisodeDecoder.of(spec), cache, stop);
    return open(
        settings, Optional.of(given), origin, spec, recordings, cache.alignment(), out, seed, stop);
  }

  private static Recordings recordings(
      BaseOrigin origin,
      Path out,
      Path demonstrations,
      EpisodeDecoder decoder,
      EpisodeCache.Config config,
      BooleanSupplier stop) {
    var cache = new EpisodeCache(config, decoder, Progress::say);
    origin.requireOwn(out.resolve(BASE), demonstrations, cache);
    Recordings recordings = Recordings.open(List.of(demonstrations), cache, stop);
    Progress.say("instructions: " + String.join("; ", recordings.instructions()));
    return recordings;
  }

  private static Pretraining open(
      Settings settings,
      Optional<PolicyBundle> given,
      BaseOrigin origin,
      BundleSpec spec,
      Recordings recordings,
      Alignment alignment,
      Path out,
      long seed,
      BooleanSupplier stop) {
    Tokenizer tokenizer =
        given.map(PolicyBundle::tokenizer).orElseGet(() -> new Tokenizer(spec.language()));
    Recordings.Folder demonstrations =
        recordings.data(tokenizer, Tasks.DEFAULT, settings.steps(spec).executed()).getFirst();
    String inputs =
        "%s, %s, %s".formatted(RunInputs.of(List.of(demonstrations), ""), spec.task(), alignment);
    if (settings.worldModel().silhouette()) {
      ArmSight sight = ArmSight.of(recordings.anyBag(), spec, settings.worldModel().handEye());
      Ranks.world().once(() -> sight.write(out));
    }
    TrainLoop loop = new TrainLoop(out, seed, inputs, stop);
    return new Pretraining(
        settings,
        given,
        origin,
        spec,
        recordings,
        demonstrations,
        loop,
        Pretrained.untrained(settings, spec, loop),
        new StageTimes(out.resolve("seconds.json")));
  }

  /** A policy with random weights, to record the first demonstrations with. */
  static PolicyBundle untrained(PolicyTask task, List<String> instructions, long seed) {
    double[] means = new double[task.jointNames().size()];
    double[] deviations = means.clone();
    Arrays.fill(deviations, 1);
    return SmallVla.create(task.spec(instructions), means, deviations, seed);
  }

  /** All stages, then {@code pretrain.json}. */
  void run() {
    trainPolicy();
    trainVae();
    trainWorldModel();
    report();
    if (Ranks.world().first()) {
      Progress.say(
          "%s is the base policy, and %s has the auto-encoder and the world model for rounds"
              .formatted(out.resolve(BASE), out));
    }
  }

  /** Clones the demonstrations and writes the base policy's bundle. */
  void trainPolicy() {
    Path base = out.resolve(BASE);
    if (Files.exists(base)) {
      origin.requireSame(base, demonstrations.hashes());
      return;
    }
    times.time(
        POLICY,
        () -> {
          try (TrainablePolicy policy = beginning()) {
            Dataset data = demonstrations.data();
            Steps steps = settings.steps(spec);
            Transitions transitions =
                Transitions.withoutLatents(data, steps.chunk(), steps.executed());
            BehaviourCloning cloning =
                new BehaviourCloning(settings.cloning(), policy, transitions);
            steps
                .in(cloningLoop())
                .of(settings.cloning())
                .train(POLICY, policy, cloning.loop(), cloning::loss);
            PolicyBundle bundle =
                policy
                    .bundle()
                    .withLineage(origin.lineage(demonstrations.hashes()))
                    .withPictures(pictures())
                    .withCalibrations(recordings.calibrations(spec.cameras()));
            Parity.check(bundle);
            Ranks.world().once(() -> finish(bundle, base));
          }
        });
  }

  private void finish(PolicyBundle bundle, Path base) {
    try {
      bundle.save(base);
      Files.delete(loop.weights(POLICY)); // the bundle has them
    } catch (IOException e) {
      throw new UncheckedIOException("cannot finish " + base, e);
    }
  }

  void trainVae() {
    times.time("vae", () -> pretrained.trainVae(demonstrations.data()));
  }

  /** Needs the auto-encoder trained. */
  void trainWorldModel() {
    times.time("world_model", () -> pretrained.trainWorldModel(demonstrations.data()));
  }

  /** The policy before it is trained; of one that was given, the part that the settings name. */
  private TrainablePolicy beginning() {
    return given
        .map(policy -> new TrainablePolicy(policy, settings.policy()))
        .orElseGet(() -> new TrainablePolicy(untrained()));
  }

  private TrainLoop cloningLoop() {
    return given.map(policy -> settings.ofPolicy(loop.of(new Given(policy.id())))).orElse(loop);
  }

  /** Says in what a stage is made of which policy was given. */
  private record Given(String policy) {}

  /** The graph with PyTorch's initial weights and the demonstrations' joint statistics. */
  private PolicyBundle untrained() {
    try (var _ = new PointerScope()) {
      Tensor joints = demonstrations.data().joints().flatten(0, 1);
      Tensor mean = joints.mean(new long[] {0}, false, Torch.sameType());
      Tensor deviation = joints.std(new long[] {0}, true, false);
      return SmallVla.create(
          spec,
          Torch.doubles(mean),
          Torch.doubles(Torch.clamp(deviation, STILL_RAD, Float.MAX_VALUE)),
          loop.seed());
    }
  }

  /** Returns what each camera sees, of pictures at even distances; draws no random numbers. */
  private Map<String, PictureStatistics> pictures() {
    return Canvas.of(spec.cameras()).views().stream()
        .collect(
            Collectors.toMap(
                Canvas.View::camera,
                view ->
                    PictureStatistics.of(
                        demonstrations.data().spreadPictures(view, PICTURES),
                        view.width(),
                        view.height())));
  }

  private void report() {
    Dataset data = demonstrations.data();
    ObjectNode report =
        RunReport.JSON
            .createObjectNode()
            .put("seed", loop.seed())
            .put("episodes", data.episodes())
            .put("successes", data.successes())
            .put("vae_psnr_db", pretrained.psnr(data));
    SequencedMap<String, Double> seconds = times.seconds();
    report.set("seconds", RunReport.JSON.valueToTree(seconds));
    recordings.put(report);
    RunReport.write(out.resolve("pretrain.json"), report);
  }
}
