package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DiffusionSpec;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.Observation;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.rollout.CameraImage;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.Parity;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies that bench/heads.py exported from PyTorch 2.10, beside what it says of them itself. */
class PyTorchHeadTest extends LibtorchTest {
  private static final List<Double> ALPHAS = List.of(0.98, 0.9016, 0.775376, 0.62, 0.46);

  @ParameterizedTest
  @ValueSource(strings = {"tokens", "regression", "gaussian", "flow", "diffusion"})
  void likelihoodAndItsGradientAreThoseOfPyTorch(String kind) throws Exception {
    PolicyBundle bundle = bundle(kind);
    assertTrue(Parity.check(bundle) < 1e-5);
    double[] told =
        Files.readAllLines(file("heads.txt")).stream()
            .filter(line -> line.startsWith(kind + " "))
            .flatMap(line -> Arrays.stream(line.split(" ")).skip(1))
            .mapToDouble(Double::parseDouble)
            .toArray();
    try (TrainablePolicy policy = new TrainablePolicy(bundle)) {
      Tensor first = Torch.range(0, 3);
      Tensor values = policy.head().likelihood(seeing(policy), drawn(kind), first, 1).values();
      float[] expected = new float[told.length - 1];
      for (int i = 0; i < expected.length; i++) {
        expected[i] = (float) told[i + 1];
      }
      assertArrayEquals(expected, Torch.floats(values.detach()), 2e-4f);
      values.sum().backward();
      double squares = 0;
      for (Tensor parameter : policy.parameters().trained().values()) {
        squares += parameter.grad().square().sum().item_double();
      }
      assertEquals(told[0], Math.sqrt(squares), 1e-4 * told[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tokens", "regression", "gaussian", "flow", "diffusion"})
  void aPolicyFromPyTorchActsOnTheRobotWithoutWhatItDoesNotTake(String kind) throws Exception {
    try (OnnxPolicy policy = OnnxPolicy.open(bundle(kind), OnnxOptions.cpu(1))) {
      var image = new CameraImage(8, 8, new byte[8 * 8 * 3]);
      double[] joints = {0.1, kind.equals("gaussian") ? Double.NaN : 0.2};
      String instruction = List.of("regression", "flow").contains(kind) ? "whatever" : "up";
      var seen = new Observation(Map.of("camera", image), joints, instruction);
      assertEquals(6, policy.draw(seen, 1, new SplittableRandom(1)).actions().length);
    }
  }

  static Head.Graph seeing(TrainablePolicy policy) {
    byte[] pixels = new byte[3 * 8 * 8 * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 37);
    }
    return policy.seeing(
        Torch.of(pixels, 3, 8, 8, 3).permute(0, 3, 1, 2),
        Torch.of(new long[] {1, 2, 3, 0, 2, 2}, 3, 2),
        Waves.of(1, 3, 2));
  }

  static Tensor drawn(String kind) {
    return switch (kind) {
      case "tokens" -> {
        long[] tokens = new long[18];
        Arrays.setAll(tokens, i -> i % 5);
        yield Torch.of(tokens, 3, 3, 2);
      }
      case "flow" -> Waves.of(3, 3, 5, 3, 2);
      case "diffusion" -> Waves.of(3, 3, 6, 3, 2);
      default -> Torch.clamp(Torch.times(Waves.of(2, 3, 3, 2), 1.4), -1, 1);
    };
  }

  static PolicyBundle bundle(String kind) throws Exception {
    HeadSpec head =
        switch (kind) {
          case "tokens" -> HeadSpec.tokens(5);
          case "regression" -> new HeadSpec.Regression(List.of(0.3, 0.3));
          case "gaussian" -> new HeadSpec.Gaussian();
          case "flow" -> new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7);
          default ->
              new DiffusionSpec(
                  ALPHAS, List.of(4, 3, 2, 1, 0), DiffusionSpec.Sampler.DDPM, 1, 0.1, 1);
        };
    boolean told = !List.of("regression", "flow").contains(kind);
    BundleSpec spec =
        new BundleSpec(
            List.of(new BundleSpec.Camera("camera", 8, 8)),
            List.of("slide", "lift"),
            new ActionSpace.JointDeltas(List.of("slide", "lift"), List.of(0.1, 0.1)),
            new BundleSpec.Chunk(3, 0.1),
            head,
            told ? Language.words(List.of("up", "down", "on"), 2) : Language.none(),
            List.of(),
            BundleSpec.Lineage.NONE);
    ModelProto graph = ModelProto.parseFrom(Files.readAllBytes(file(kind + ".onnx")));
    return PolicyBundle.of(spec, graph, Safetensors.open(file(kind + ".safetensors")).arrays());
  }

  private static Path file(String name) throws IOException, URISyntaxException {
    return Path.of(
        Objects.requireNonNull(PyTorchHeadTest.class.getResource("heads/" + name)).toURI());
  }
}
