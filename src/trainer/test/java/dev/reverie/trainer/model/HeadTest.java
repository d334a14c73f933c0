package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.DenoisingStep;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Sample;
import dev.reverie.rollout.CameraImage;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Promises of every head, whatever its kind, and that robot and trainer mean the same by it. */
class HeadTest extends LibtorchTest {
  private static final double TEMPERATURE = 0.7;

  static List<HeadSpec> heads() {
    return Heads.all(2);
  }

  static PolicyBundle bundle(HeadSpec head) {
    BundleSpec spec = Examples.spec();
    return Examples.policy(
        new BundleSpec(
            spec.cameras(),
            spec.jointNames(),
            spec.actionSpace(),
            spec.chunk(),
            head,
            spec.language(),
            List.of(),
            BundleSpec.Lineage.NONE));
  }

  private static Head.Graph seeing(TrainablePolicy policy) {
    byte[] pixels = new byte[2 * 3 * 48 * 48];
    new SplittableRandom(3).nextBytes(pixels);
    return policy.seeing(
        Torch.of(pixels, 2, 3, 48, 48), Torch.of(new long[] {1, 3, 1, 2}, 2, 2), Waves.of(1, 2, 2));
  }

  private static PolicySample draw(TrainablePolicy policy, long executed, double temperature) {
    try (var _ = new NoGradGuard()) {
      Tensor first = Torch.of(new long[] {0, 4 - executed}, 2);
      return policy.head().draw(seeing(policy), first, executed, temperature);
    }
  }

  @ParameterizedTest
  @MethodSource("heads")
  void whatWasDrawnHasTheProbabilityThatItWasDrawnWith(HeadSpec head) {
    try (TrainablePolicy policy = new TrainablePolicy(bundle(head))) {
      for (long executed : new long[] {4, 2}) {
        PolicySample sample = draw(policy, executed, TEMPERATURE);
        assertArrayEquals(new long[] {2, executed, 2}, Torch.shape(sample.actions()));
        assertTrue(sample.actions().abs().max().item_double() <= 1);
        Tensor first = Torch.of(new long[] {0, 4 - executed}, 2);
        Head.Likelihood found =
            policy.head().likelihood(seeing(policy), sample.drawn(), first, TEMPERATURE);
        assertArrayEquals(
            Torch.floats(sample.logProbabilities()), Torch.floats(found.parts().detach()), 1e-4f);
        assertArrayEquals(new long[] {2, executed}, Torch.shape(found.byAction(executed)));
        found.parts().sum().backward();
        policy
            .parameters()
            .trained()
            .forEach((name, p) -> assertTrue(p.grad().isfinite().all().item_bool(), name));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("heads")
  void recordedActionsHaveAProbabilityThatCloningRaises(HeadSpec head, @TempDir Path folder) {
    try (TrainablePolicy policy = new TrainablePolicy(bundle(head))) {
      Transitions lessons = Examples.transitions(4);
      Tensor windows = lessons.windows();
      Tensor wanted = lessons.actions(windows);
      // A likelihood whose deviation is learned too is stiff: at more it leaps, now and then.
      boolean stiff = head instanceof HeadSpec.Gaussian;
      BehaviourCloning.Config config =
          new BehaviourCloning.Config(
              stiff ? 800 : 200, 16, stiff ? 3e-4 : 3e-3, 0, 0, 0, Head.Distance.L1);
      var cloning = new BehaviourCloning(config, policy, lessons);
      double before = likelihood(policy, lessons, windows);
      new TrainLoop(folder, 1, "test").train("clone", policy, cloning.loop(), cloning::loss);
      assertTrue(likelihood(policy, lessons, windows) > before, "the actions are not likelier");
      try (var _ = new NoGradGuard()) {
        Tensor first = Torch.range(0, windows.size(0));
        PolicySample sample = policy.head().draw(graph(policy, lessons, windows), first, 4, 0.01);
        double error =
            sample
                .actions()
                .sub(wanted)
                .abs()
                .mul(lessons.alive(windows).unsqueeze(-1))
                .mean()
                .item_double();
        assertTrue(error < 0.2, "mean error " + error);
      }
    }
  }

  private static double likelihood(TrainablePolicy policy, Transitions lessons, Tensor windows) {
    Torch.seed(1, "noise");
    try (var _ = new NoGradGuard()) {
      Tensor drawn = policy.head().drawn(lessons.actions(windows));
      Tensor first = Torch.range(0, windows.size(0));
      return policy
          .head()
          .likelihood(graph(policy, lessons, windows), drawn, first, 1)
          .byAction(4)
          .mul(lessons.alive(windows))
          .mean()
          .item_double();
    }
  }

  private static Head.Graph graph(TrainablePolicy policy, Transitions lessons, Tensor windows) {
    Tensor episode = windows.select(1, 0);
    Tensor at = episode.mul(new Scalar(lessons.data().horizon() + 1L)).add(windows.select(1, 1));
    return policy.seeing(
        lessons.data().frames().rows(at),
        lessons
            .data()
            .tokens()
            .index_select(0, lessons.data().instruction().index_select(0, episode)),
        Dataset.rows(lessons.data().joints(), at));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void theRobotDrawsWhatTheTrainerDrawsFromTheSameNoise(HeadSpec head) {
    PolicyBundle bundle = bundle(head);
    assertTrue(Parity.check(bundle) < 1e-5);
    try (OnnxPolicy robot = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        TrainablePolicy trainer = new TrainablePolicy(bundle)) {
      byte[] rgb = new byte[48 * 48 * 3];
      new SplittableRandom(4).nextBytes(rgb);
      var seen =
          new Observation(
              Map.of("camera", new CameraImage(48, 48, rgb)), new double[] {0.4, -1}, "go right");
      Head.Graph graph =
          trainer.seeing(
              Torch.of(rgb, 1, 48, 48, 3).permute(0, 3, 1, 2),
              Torch.of(new long[] {1, 3}, 1, 2),
              Torch.of(new float[] {0.4f, -1}, 1, 2));
      Sample sample = robot.draw(seen, TEMPERATURE, new SplittableRandom(9));
      Tensor first = Torch.of(new long[] {0}, 1);
      try (var _ = new NoGradGuard()) {
        switch (head) {
          case DenoisingSpec spec when sample.logProbabilities().length > 0 -> {
            PolicySample same =
                ((DenoisingHead) trainer.head()).draw(graph, first, 4, TEMPERATURE, noise(spec, 9));
            assertArrayEquals(sample.actions(), Torch.floats(same.actions()), 1e-4f);
            Tensor log =
                trainer.head().likelihood(graph, same.drawn(), first, TEMPERATURE).values();
            Tensor sum = log.sum(new long[] {1}, false, Torch.sameType());
            assertArrayEquals(sample.logProbabilities(), Torch.floats(sum), 1e-3f);
          }
          case DenoisingSpec spec ->
              assertArrayEquals(sample.actions(), withoutNoise(spec, graph, 9), 1e-4f);
          default -> {
            Tensor drawn =
                head instanceof HeadSpec.Tokens
                    ? Torch.of(Arrays.stream(sample.tokens()).asLongStream().toArray(), 1, 4, 2)
                    : Torch.of(sample.actions(), 1, 4, 2);
            assertArrayEquals(
                sample.logProbabilities(),
                Torch.floats(trainer.head().likelihood(graph, drawn, first, TEMPERATURE).parts()),
                1e-4f);
          }
        }
      }
    }
  }

  /** Draws noise in the order in which the robot draws it. */
  private static Tensor noise(DenoisingSpec spec, long seed) {
    var random = new SplittableRandom(seed);
    float[] values = new float[(spec.steps(1).size() + 1) * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Torch.of(values, values.length / 8, 1, 4, 2);
  }

  private static float[] withoutNoise(DenoisingSpec spec, Head.Graph graph, long seed) {
    Tensor x = Torch.times(noise(spec, seed).select(0, 0), Math.sqrt(TEMPERATURE));
    for (DenoisingStep step : spec.steps(0)) {
      Tensor t = Torch.full(step.time(), 1);
      Tensor y =
          graph.run(Map.of(InputSpec.Chunk.class, x, InputSpec.Time.class, t), spec.output());
      Tensor clean = Torch.times(x, step.cleanX()).add(Torch.times(y, step.cleanOutput()));
      x =
          Torch.times(x, step.fromX())
              .add(Torch.times(y, step.fromOutput()))
              .add(Torch.times(Torch.clamp(clean, -1, 1), step.fromClean()));
    }
    return Torch.floats(Torch.clamp(x, -1, 1));
  }
}
