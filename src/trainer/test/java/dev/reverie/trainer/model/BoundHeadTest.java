package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.DType;
import dev.reverie.policy.DenoisingSpec;
import dev.reverie.policy.DiffusionSpec;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Sample;
import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Policies of format 2 in the trainer: of each head, with history, padding, rows to skip and
 * normalised actions, in batches and one by one.
 */
class BoundHeadTest extends LibtorchTest {
  static Stream<Arguments> policies() {
    List<HeadSpec> heads =
        List.of(
            HeadSpec.tokens(5),
            new HeadSpec.Autoregressive(5, 7, 1),
            new HeadSpec.Regression(List.of(0.1, 0.2)),
            new HeadSpec.Gaussian(),
            new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7),
            new DiffusionSpec(
                List.of(0.98, 0.9, 0.6), List.of(2, 1, 0), DiffusionSpec.Sampler.DDPM, 1, 0.1, 1));
    return heads.stream().flatMap(h -> Stream.of(Arguments.of(h, -1L), Arguments.of(h, 1L)));
  }

  private static byte[] picture(int seed) {
    byte[] rgb = new byte[BoundPolicies.SIDE * BoundPolicies.SIDE * 3];
    new SplittableRandom(seed).nextBytes(rgb);
    return rgb;
  }

  private static Observation seen(int n) {
    return new Observation(
        Map.of(
            "left", new CameraImage(BoundPolicies.SIDE, BoundPolicies.SIDE, picture(n)),
            "right", new CameraImage(BoundPolicies.SIDE, BoundPolicies.SIDE, picture(n + 50))),
        new double[] {0.1 * n, -0.4},
        "go left");
  }

  /** Two alike observations after others, as the trainer has them. */
  private static Head.Graph graph(TrainablePolicy policy) {
    return graph(policy, ActionsAhead.none(2));
  }

  private static Head.Graph graph(TrainablePolicy policy, ActionsAhead ahead) {
    List<Tensor> instants = new ArrayList<>();
    for (int n : new int[] {1, 2}) {
      Tensor left =
          Torch.of(picture(n), 1, BoundPolicies.SIDE, BoundPolicies.SIDE, 3).permute(0, 3, 1, 2);
      Tensor right =
          Torch.of(picture(n + 50), 1, BoundPolicies.SIDE, BoundPolicies.SIDE, 3)
              .permute(0, 3, 1, 2);
      instants.add(Torch.cat(3, left, right)); // beside each other, as the canvas has them
    }
    Tensor pixels = Torch.stack(1, instants.toArray(Tensor[]::new)); // [1, 2, 3, 8, 16]
    Tensor joints = Torch.of(new float[] {0.1f, -0.4f, 0.2f, -0.4f}, 1, 2, 2);
    Tensor words = Torch.of(new long[] {1, 2, 0}, 1, 3);
    return policy.seeing(
        Torch.cat(0, pixels, pixels),
        Torch.cat(0, words, words),
        Torch.cat(0, joints, joints),
        ahead);
  }

  @Test
  void whatIsCarriedOutMeanwhileIsToldAsOnTheRobot() {
    HeadSpec head = new HeadSpec.Gaussian();
    List<InputSpec> inputs = new ArrayList<>(BoundPolicies.inputs(head));
    inputs.add(new InputSpec.ActionPrefix("prefix", DType.F32));
    inputs.add(new InputSpec.ActionPrefixLength("told", DType.F32));
    PolicyBundle bundle = BoundPolicies.bundle(head, inputs, -1);
    Observation seen = seen(2).after(new TreeMap<>(Map.of(1, seen(1))));
    Tensor first = Torch.of(new long[] {0, 0}, 2);
    try (OnnxPolicy robot = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        TrainablePolicy trainer = new TrainablePolicy(bundle);
        var _ = new NoGradGuard()) {
      Sample untold = robot.draw(seen, 1, new SplittableRandom(9));
      Sample told =
          robot.draw(seen.deciding(new float[] {0.3f, -0.6f}), 1, new SplittableRandom(9));
      Tensor drawn = twice(Torch.of(told.actions(), 1, 3, 2));
      Tensor actions = Torch.of(new float[] {0.3f, -0.6f, 9, 9, 0.3f, -0.6f, 9, 9}, 2, 2, 2);
      var ahead = new ActionsAhead(actions, Torch.of(new long[] {1, 0}, 2));
      Tensor likely = trainer.head().likelihood(graph(trainer, ahead), drawn, first, 1).values();
      assertArrayEquals(told.logProbabilities(), row(likely), 1e-3f);
      Tensor mean = trainer.head().likelihood(graph(trainer), drawn, first, 1).values();
      assertArrayEquals(row(mean), Torch.floats(likely.select(0, 1).contiguous()), 1e-5f);
      assertFalse(Arrays.equals(untold.actions(), told.actions()));
    }
  }

  @ParameterizedTest
  @MethodSource("policies")
  void theTrainerFindsWhatTheRobotDrewAsLikelyAsTheRobotDid(HeadSpec head, long batch) {
    PolicyBundle bundle = BoundPolicies.bundle(head, BoundPolicies.inputs(head), batch);
    assertTrue(Parity.check(bundle) < 1e-5);
    try (OnnxPolicy robot = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        TrainablePolicy trainer = new TrainablePolicy(bundle);
        var _ = new NoGradGuard()) {
      Sample sample =
          robot.draw(
              seen(2).after(new TreeMap<>(Map.of(1, seen(1)))), 1.5, new SplittableRandom(9));
      Tensor first = Torch.of(new long[] {0, 0}, 2);
      Head.Graph graph = graph(trainer);
      switch (head) {
        case DenoisingSpec spec -> {
          Tensor noise = noise(spec);
          PolicySample same = ((DenoisingHead) trainer.head()).draw(graph, first, 3, 1.5, noise);
          assertArrayEquals(sample.actions(), row(same.actions()), 1e-4f);
          Tensor log = trainer.head().likelihood(graph, same.drawn(), first, 1.5).values();
          Tensor sum = log.sum(new long[] {1}, false, Torch.sameType());
          assertArrayEquals(
              sample.logProbabilities(),
              row(sum.narrow(1, BoundPolicies.SKIP, BoundPolicies.HORIZON).narrow(2, 0, 2)),
              1e-3f);
        }
        case HeadSpec.Tokens _ ->
            assertArrayEquals(
                sample.logProbabilities(),
                row(trainer.head().likelihood(graph, twice(tokens(sample)), first, 1.5).values()),
                1e-4f);
        case HeadSpec.Autoregressive _ -> {
          PolicySample drawn = trainer.head().draw(graph, first, 2, 1.5);
          Head.Likelihood again = trainer.head().likelihood(graph, drawn.drawn(), first, 1.5);
          assertArrayEquals(
              Torch.floats(drawn.logProbabilities()), Torch.floats(again.values()), 1e-4f);
          assertEquals(2, drawn.actions().size(1));
        }
        case HeadSpec.Regression _, HeadSpec.Gaussian _ ->
            assertArrayEquals(
                sample.logProbabilities(),
                row(
                    trainer
                        .head()
                        .likelihood(graph, twice(Torch.of(sample.actions(), 1, 3, 2)), first, 1.5)
                        .values()),
                1e-3f);
      }
    }
  }

  private static Tensor tokens(Sample sample) {
    long[] tokens = new long[sample.tokens().length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = sample.tokens()[i];
    }
    return Torch.of(tokens, 1, 3, 2);
  }

  private static Tensor twice(Tensor one) {
    return Torch.cat(0, one, one);
  }

  private static float[] row(Tensor batch) {
    return Torch.floats(batch.select(0, 0).contiguous());
  }

  /** The robot's noise of a chunk, for both observations [S + 1, 2, K', D']. */
  private static Tensor noise(DenoisingSpec spec) {
    int values = (BoundPolicies.HORIZON + BoundPolicies.SKIP) * BoundPolicies.WIDTH;
    int draws = spec.steps(1).size() + 1;
    SplittableRandom random = new SplittableRandom(9);
    float[] all = new float[draws * values];
    for (int i = 0; i < all.length; i++) {
      all[i] = (float) random.nextGaussian();
    }
    Tensor one =
        Torch.of(all, draws, 1, BoundPolicies.HORIZON + BoundPolicies.SKIP, BoundPolicies.WIDTH);
    return Torch.cat(1, one, one);
  }

  @ParameterizedTest
  @MethodSource("policies")
  void cloningLearnsAndWhatNormalisesAndBuffersStay(
      HeadSpec head, long batch, @TempDir Path folder) {
    var metrics = new Metrics(folder.resolve("x.jsonl"), "x");
    PolicyBundle bundle = BoundPolicies.bundle(head, BoundPolicies.inputs(head), batch);
    try (TrainablePolicy trainer = new TrainablePolicy(bundle)) {
      Set<String> names = trainer.parameters().all().keySet();
      assertFalse(names.contains("buffer") || names.stream().anyMatch(n -> n.contains(".sd")));
      Tensor wanted = Torch.of(new float[12], 2, 3, 2);
      Tensor loss =
          trainer.head().cloning(graph(trainer), wanted, Head.Distance.L2, Share.whole(2), metrics);
      assertArrayEquals(new long[] {2, 3}, Torch.shape(loss));
      loss.mean().backward();
      assertTrue(trainer.parameters().all().values().stream().anyMatch(p -> p.grad().defined()));
    }
  }

  @Test
  void noiseInsideOfTheGraphCannotBeTrained() {
    HeadSpec head = new HeadSpec.Regression(List.of(0.1, 0.2));
    List<InputSpec> inputs = new ArrayList<>(BoundPolicies.inputs(head));
    inputs.add(new InputSpec.Noise("eps", DType.F32));
    PolicyBundle bundle = BoundPolicies.bundle(head, inputs, -1);
    Refusal.of(
        TrainerException.class,
        () -> new TrainablePolicy(bundle).close(),
        "input 'eps' is noise",
        "head flow or diffusion");
  }
}
