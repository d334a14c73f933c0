package dev.reverie.trainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Tokenizer;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.ImaginedRollouts;
import dev.reverie.trainer.imagination.Keyframes;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How often a policy succeeds inside the world model of a round, from the frames of recorded
 * episodes: one imagined rollout from each chunk boundary, at the temperature that GRPO practised
 * at.
 */
final class ImaginedEvaluation {
  /** Rollouts side by side. */
  private static final int BATCH = 256;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final PolicyBundle bundle;
  private final BundleSpec spec;
  private final Settings settings;
  private final FrameVae vae;
  private final TrainLoop loop;
  private final JsonNode round;
  private final WorldModel worldModel;

  /**
   * @param models folder with the auto-encoder
   * @param work folder of a round that has ended: aligned world model, classifier, joint head
   */
  ImaginedEvaluation(Path bundleFolder, Path models, Path work, long seed) {
    bundle = PolicyBundle.load(bundleFolder);
    spec = bundle.spec();
    if (spec.cameras().size() != 1) {
      throw new TrainerException(
          "the world model imagines one camera, and the policy sees " + spec.cameras().size());
    }
    round = improve(work.resolve("improve.json"));
    settings = settings(work);
    loop = new TrainLoop(work, seed, "");
    Pretrained pretrained = Pretrained.load(settings, spec, models);
    vae = pretrained.vae();
    worldModel = pretrained.worldModel();
    loop.load("world_model", worldModel);
  }

  private static JsonNode improve(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new TrainerException(
          "there is no %s: imagination needs a round that has ended; run: reverie train improve"
              .formatted(file.toAbsolutePath()),
          e);
    }
  }

  private Settings settings(Path work) {
    try {
      return JSON.treeToValue(round.path("settings"), Settings.class);
    } catch (IOException e) {
      throw new TrainerException("the settings of %s cannot be read: %s".formatted(work, e), e);
    }
  }

  /** Imagines, and writes successes and rollouts of each episode as JSON. */
  void run(List<Path> bags, Path out) {
    List<Keyframes> episodes = bags.stream().map(bag -> Keyframes.read(bag, spec, vae)).toList();
    List<String> texts = instructions(episodes);
    int longest = episodes.stream().mapToInt(Keyframes::steps).max().orElseThrow();
    int chunks = Math.ceilDiv(longest, spec.chunk().horizon());
    boolean[] success = play(episodes, texts, chunks);
    ObjectNode report =
        JSON.createObjectNode()
            .put("bundle", bundle.id())
            .put("seed", loop.seed())
            .put("temperature", settings.grpo().temperature())
            .put("threshold", threshold());
    ArrayNode list = report.putArray("episodes");
    int at = 0;
    for (Keyframes episode : episodes) {
      int successes = 0;
      for (int k = 0; k < episode.count(); k++) {
        successes += success[at + k] ? 1 : 0;
      }
      ObjectNode told = list.addObject().put("id", episode.id());
      told.putObject("beginning").put("successes", success[at] ? 1 : 0).put("rollouts", 1);
      told.putObject("keyframes").put("successes", successes).put("rollouts", episode.count());
      at += episode.count();
    }
    try {
      Files.write(out, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(report));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + out, e);
    }
  }

  /** The classifier's instruction table, in the order in which it was trained. */
  private List<String> instructions(List<Keyframes> episodes) {
    List<String> table = new ArrayList<>();
    round.path("instructions").forEach(text -> table.add(text.asText()));
    TreeSet<String> asked = new TreeSet<>();
    episodes.forEach(episode -> asked.add(episode.instruction()));
    if (table.isEmpty()) { // an older round: its table was sorted too
      table.addAll(asked);
    }
    if (!table.containsAll(asked)) {
      throw new TrainerException(
          "the reward classifier knows the instructions %s, and the bags have %s"
              .formatted(table, asked));
    }
    return table;
  }

  private double threshold() {
    return round.at("/reward_classifier/threshold").asDouble();
  }

  /** One rollout from each keyframe of each episode. */
  private boolean[] play(List<Keyframes> episodes, List<String> texts, int chunks) {
    List<Long> instruction = new ArrayList<>();
    List<Long> left = new ArrayList<>();
    for (Keyframes episode : episodes) {
      for (int k = 0; k < episode.count(); k++) {
        instruction.add((long) texts.indexOf(episode.instruction()));
        left.add((long) chunks - k);
      }
    }
    int count = left.size();
    boolean[] success = new boolean[count];
    try (var _ = new PointerScope();
        var policy = new TrainablePolicy(bundle)) {
      Tensor context = Torch.cat(0, episodes.stream().map(Keyframes::context).toList());
      Torch.seed(loop.seed(), "imagined_success");
      try (var imagination = imagination(context, texts);
          var progress = new Progress("imagining", count)) {
        for (int begin = 0; begin < count; begin += BATCH) {
          int length = Math.min(BATCH, count - begin);
          RolloutStarts starts =
              new RolloutStarts(
                  context.narrow(0, begin, length),
                  longs(instruction.subList(begin, begin + length)),
                  longs(left.subList(begin, begin + length)),
                  Torch.zeros(ScalarType.Bool, length));
          ImaginedRollouts played = imagination.play(policy, starts, settings.grpo().temperature());
          long[] told = Torch.longs(played.success());
          for (int i = 0; i < length; i++) {
            success[begin + i] = told[i] != 0;
          }
          played.close();
          progress.at(begin + length, "rollouts");
        }
      }
    }
    return success;
  }

  private Imagination imagination(Tensor context, List<String> texts) {
    long cells = context.size(3) * context.size(4);
    JointHead jointHead =
        new JointHead(settings.jointHead(), vae.channels(), (int) cells, spec.jointNames().size());
    loop.load("joint_head", jointHead);
    RewardClassifier classifier =
        new RewardClassifier(
            settings.classifier(), spec.chunk().horizon(), (int) cells * 16, texts.size());
    loop.load("reward_classifier", classifier);
    Tokenizer tokenizer = new Tokenizer(spec.vocabulary());
    long[] tokens = texts.stream().map(tokenizer::encode).flatMapToLong(Arrays::stream).toArray();
    return new Imagination(
        vae,
        worldModel,
        jointHead,
        classifier,
        threshold(),
        Torch.of(tokens, texts.size(), spec.vocabulary().length()));
  }

  private static Tensor longs(List<Long> values) {
    return Torch.of(values.stream().mapToLong(Long::longValue).toArray(), values.size());
  }
}
