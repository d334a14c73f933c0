package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.EpisodeDecoder;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.ImaginedRollouts;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures how often a policy succeeds inside the world model of a round, from the frames of
 * recorded episodes: one imagined rollout from each chunk boundary, at the temperature that GRPO
 * practised at.
 */
final class ImaginedEvaluation {
  /** Rollouts side by side. */
  private static final int BATCH = 256;

  private final PolicyBundle bundle;
  private final Settings settings;
  private final List<String> instructions;
  private final double threshold;
  private final int maxSteps;
  private final Networks networks;
  private final TrainLoop loop;

  private ImaginedEvaluation(
      PolicyBundle bundle,
      Settings settings,
      List<String> instructions,
      double threshold,
      int maxSteps,
      Networks networks,
      TrainLoop loop) {
    this.bundle = bundle;
    this.settings = settings;
    this.instructions = instructions;
    this.threshold = threshold;
    this.maxSteps = maxSteps;
    this.networks = networks;
    this.loop = loop;
  }

  /**
   * Loads a round's networks.
   *
   * @param models folder with the auto-encoder
   * @param work folder of a round that has ended: aligned world model, classifier, joint head
   */
  static ImaginedEvaluation open(
      Path bundleFolder, Path models, Path work, long seed, BooleanSupplier stop) {
    PolicyBundle bundle = PolicyBundle.load(bundleFolder);
    Path file = work.resolve("improve.json").toAbsolutePath();
    JsonNode round = improve(file);
    List<String> instructions = new ArrayList<>();
    round.path("instructions").forEach(text -> instructions.add(text.asText()));
    if (instructions.isEmpty()) {
      throw new TrainerException(
          "%s does not name the instructions of its reward classifier; run: reverie train improve"
              .formatted(file));
    }
    Settings settings = Settings.of(round.path("settings"), "the settings of " + file);
    TrainLoop loop = new TrainLoop(work, seed, "", stop);
    requireSameWeights(round.path("weights"), loop);
    return new ImaginedEvaluation(
        bundle,
        settings,
        instructions,
        round.at("/reward_classifier/threshold").asDouble(),
        round.path("max_steps").asInt(),
        Networks.load(settings, bundle.spec(), instructions.size(), models, loop),
        loop);
  }

  private static JsonNode improve(Path file) {
    try {
      return RunReport.JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new TrainerException(
          "there is no %s: imagination needs a round that has ended; run: reverie train improve"
              .formatted(file),
          e);
    }
  }

  /** Refuses networks that were made again after the round had ended. */
  private static void requireSameWeights(JsonNode weights, TrainLoop loop) {
    for (String stage : Networks.OF_A_ROUND) {
      String now = TrainLoop.sha256(loop.weights(stage));
      String then = weights.path(stage).asText(now);
      if (!then.equals(now)) {
        throw new TrainerException(
            "%s is not the one of the round that improve.json tells of (SHA-256 %s, not %s); run: reverie train improve"
                .formatted(loop.weights(stage), now, then));
      }
    }
  }

  /**
   * Imagines, and writes successes and rollouts of each episode as JSON.
   *
   * @param list file with the path of a bag in each line
   * @param cache of decoded episodes
   */
  void run(Path list, EpisodeCache.Config cache, Path out) {
    Recordings recordings =
        Recordings.openAll(
            list,
            paths(list),
            new EpisodeCache(cache, EpisodeDecoder.ofFrames(bundle.spec()), Progress::say),
            loop.stop());
    if (!instructions.containsAll(recordings.instructions())) {
      throw new TrainerException(
          "the reward classifier knows the instructions %s, and the bags have %s"
              .formatted(instructions, recordings.instructions()));
    }
    Dataset data = recordings.data(bundle.spec(), instructions).getFirst().data();
    RunReport.write(out, report(data, Progress.stage("imagining", () -> imagine(data))));
  }

  private static List<Path> paths(Path list) {
    try {
      return Files.readAllLines(list).stream().filter(l -> !l.isBlank()).map(Path::of).toList();
    } catch (IOException e) {
      throw new TrainerException("cannot read " + list + ": " + e, e);
    }
  }

  /** Plays one rollout from each keyframe of each episode, and tells which succeed. */
  private boolean[] imagine(Dataset data) {
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(bundle);
        var imagination =
            new Imagination(
                networks.vae(),
                networks.worldModel(),
                networks.jointHead(),
                networks.classifier(),
                threshold,
                data.tokens())) {
      Tensor latents = networks.vae().encodeAll(data, loop);
      Transitions recorded = new Transitions(data, latents, bundle.spec().chunk().horizon());
      int limit = maxSteps > 0 ? maxSteps : data.horizon(); // rounds before it was told
      RolloutStarts starts = RolloutStarts.Pool.all(recorded, limit).keyframes();
      int count = (int) starts.count();
      boolean[] success = new boolean[count];
      Torch.seed(loop.seed(), "imagined_success");
      try (var progress = new Progress("imagining", count)) {
        for (int begin = 0; begin < count; begin += BATCH) {
          loop.endIfStopped();
          int length = Math.min(BATCH, count - begin);
          ImaginedRollouts played =
              imagination.play(policy, starts.range(begin, length), settings.grpo().temperature());
          long[] told = Torch.longs(played.success());
          for (int i = 0; i < length; i++) {
            success[begin + i] = told[i] != 0;
          }
          played.close();
          progress.at(begin + length, "rollouts");
        }
      }
      return success;
    }
  }

  private ObjectNode report(Dataset data, boolean[] success) {
    ObjectNode report =
        RunReport.JSON
            .createObjectNode()
            .put("bundle", bundle.id())
            .put("seed", loop.seed())
            .put("temperature", settings.grpo().temperature())
            .put("threshold", threshold);
    ArrayNode list = report.putArray("episodes");
    long[] steps = Torch.longs(data.steps());
    int at = 0;
    for (int n = 0; n < steps.length; n++) {
      int keyframes = Math.ceilDiv((int) steps[n], bundle.spec().chunk().horizon());
      int successes = 0;
      for (int k = 0; k < keyframes; k++) {
        successes += success[at + k] ? 1 : 0;
      }
      ObjectNode told = list.addObject().put("id", data.ids().get(n));
      told.putObject("beginning").put("successes", success[at] ? 1 : 0).put("rollouts", 1);
      told.putObject("keyframes").put("successes", successes).put("rollouts", keyframes);
      at += keyframes;
    }
    return report;
  }
}
