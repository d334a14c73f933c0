package dev.reverie.trainer;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.imagination.Grpo;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.FrameVae;
import dev.reverie.trainer.model.Head;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.model.RewardClassifier;
import dev.reverie.trainer.model.SmallVla;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.model.WorldModel;
import dev.reverie.trainer.nn.AdamW;
import dev.reverie.trainer.nn.Torch;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The Java half of {@code bench/trainer.py}: times what training spends its time on and prints, a
 * line each, name, CPU ms and wall ms of one repetition.
 */
final class ThroughputBenchmark {
  private static final int ROLLOUTS = 128;
  private static final int WINDOWS = 48;
  private static final int CHUNKS = 256;
  private static final int MATRIX = 1024;

  private final int repetitions;

  private ThroughputBenchmark(int repetitions) {
    this.repetitions = repetitions;
  }

  public static void main(String[] args) {
    Torch.start(Integer.parseInt(args[0]));
    Torch.seed(1, "benchmark");
    new ThroughputBenchmark(Integer.parseInt(args[1])).run();
  }

  private void run() {
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, Examples.canvas());
    WorldModel worldModel = new WorldModel(WorldModel.Config.DEFAULT, 4, 2, 8);
    WorldModel transformer = new WorldModel(transformer(), 4, 2, 8);
    trainWorldModel("world_model_training", worldModel);
    trainWorldModel("transformer_training", transformer);
    try (TrainablePolicy policy = new TrainablePolicy(policy())) {
      imagine("imagination", vae, worldModel, policy);
      imagine("transformer_imagination", vae, transformer, policy);
      updatePolicy(policy);
    }
    Tensor left = torch.randn(MATRIX, MATRIX);
    Tensor right = torch.randn(MATRIX, MATRIX);
    time("matmul", () -> left.matmul(right));
  }

  /** At about the cost of the other. */
  private static WorldModel.Config transformer() {
    String json =
        "{\"worldModel\": {\"backbone\": \"TRANSFORMER\", \"width\": 96, \"depth\": 2, \"patch\":"
            + " 3}}";
    try {
      return Settings.DEFAULT.changed(new ObjectMapper().readTree(json), "benchmark").worldModel();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void trainWorldModel(String name, WorldModel worldModel) {
    Tensor z = torch.randn(WINDOWS, 4, 8, 12, 12);
    Context past =
        new Context(
            worldModel.memory(),
            torch.randn(WINDOWS, 2, 8, 12, 12),
            Torch.zeros(Float, WINDOWS, 2, 2));
    Course course = Course.of(torch.rand(WINDOWS, 4, 2));
    Tensor tau = torch.rand(WINDOWS);
    Tensor level = torch.rand(WINDOWS);
    try (AdamW optimizer = new AdamW(worldModel.parameters().trained().values(), 0.01)) {
      time(
          name,
          () -> {
            optimizer.zeroGradients();
            worldModel.predict(z, past, course, tau, level).sub(z).square().mean().backward();
            optimizer.clip(1);
            optimizer.step(1e-3, 0.9);
          });
    }
  }

  /** One chunk in every rollout; nothing succeeds, so all of them go on. */
  private void imagine(String name, FrameVae vae, WorldModel worldModel, TrainablePolicy policy) {
    JointHead head = new JointHead(JointHead.Config.DEFAULT, 8, 144, 2, 3);
    RewardClassifier classifier =
        new RewardClassifier(RewardClassifier.Config.DEFAULT, 4, 48 * 48, 3);
    Tensor tokens = Torch.of(new long[] {1, 2, 3}, 3, 1);
    Transitions recorded = recorded(tokens);
    RolloutStarts starts = RolloutStarts.Pool.all(recorded, Examples.HORIZON).beginnings(1);
    try (Imagination imagination =
        new Imagination(
            vae, worldModel, head, classifier, 1, recorded.data(), Steps.whole(Examples.HORIZON))) {
      time(name, () -> imagination.play(policy, starts, 1).close());
    }
  }

  private static Transitions recorded(Tensor tokens) {
    Dataset made = Examples.episodes("e", ROLLOUTS);
    Dataset data =
        new Dataset(
            made.ids(),
            made.policies(),
            List.of("red", "green", "blue"),
            tokens,
            made.frames(),
            made.actions(),
            torch.randn(ROLLOUTS, made.horizon() + 1L, 3),
            made.steps(),
            made.success(),
            Torch.integers(3, ROLLOUTS),
            Torch.range(0, 3),
            made.acted(),
            made.late());
    Tensor latents = torch.randn(ROLLOUTS, made.horizon() + 1L, 8, 12, 12);
    return new Transitions(data, latents, Examples.HORIZON);
  }

  private void updatePolicy(TrainablePolicy policy) {
    Tensor pixels = Torch.integers(256, CHUNKS, 3, 48, 48).to(Byte);
    Tensor tokens = Torch.integers(3, CHUNKS, 1);
    Tensor joints = torch.randn(CHUNKS, 3);
    Tensor actions = Torch.integers(21, CHUNKS, 4, 2);
    try (AdamW optimizer = new AdamW(policy.parameters().trained().values(), 0)) {
      time(
          "policy_update",
          () -> {
            optimizer.zeroGradients();
            Head.Graph graph = policy.seeing(pixels, tokens, joints);
            Tensor ratio =
                policy.head().likelihood(graph, actions, joints, 1).parts().exp(); // whole chunks
            Grpo.clipped(ratio, ratio.detach(), Grpo.Config.DEFAULT).mean().backward();
            optimizer.clip(1);
            optimizer.step(1e-5, 0.9);
          });
    }
  }

  private void time(String name, Runnable work) {
    for (int i = 0; i < 10; i++) { // until the compiler is done
      scoped(work);
    }
    double cpu = cpuMillis();
    long wall = System.nanoTime();
    for (int i = 0; i < repetitions; i++) {
      scoped(work);
    }
    double wallMillis = (System.nanoTime() - wall) / 1e6;
    System.out.printf(
        Locale.ROOT,
        "%s %.2f %.2f%n",
        name,
        (cpuMillis() - cpu) / repetitions,
        wallMillis / repetitions);
  }

  private static void scoped(Runnable work) {
    try (var _ = new PointerScope()) {
      work.run();
    }
  }

  private static double cpuMillis() {
    var os = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return os.getProcessCpuTime() / 1e6;
  }

  private static PolicyBundle policy() {
    BundleSpec spec =
        new BundleSpec(
            List.of(new BundleSpec.Camera("camera", 48, 48)),
            List.of("a", "b", "c"),
            new ActionSpace.JointDeltas(List.of("a", "b"), List.of(0.1, 0.1)),
            new BundleSpec.Chunk(4, 0.1),
            HeadSpec.tokens(21),
            Language.words(List.of("red", "green", "blue"), 1),
            List.of(),
            BundleSpec.Lineage.NONE);
    return SmallVla.create(spec, new double[3], new double[] {1, 1, 1}, 1);
  }
}
