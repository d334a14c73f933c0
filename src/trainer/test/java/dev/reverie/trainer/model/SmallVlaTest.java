package dev.reverie.trainer.model;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxSession;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.trainer.onnx.OnnxModule;
import dev.reverie.trainer.onnx.Parity;
import dev.reverie.trainer.onnx.Tensors;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SmallVlaTest {
  private static final double[] MEAN = {-2.4, 1.7, 0.7};
  private static final double[] SD = {0.3, 0.2, 0.3};

  static BundleSpec spec() {
    return new BundleSpec(
        List.of(new BundleSpec.Camera("camera", 48, 48)),
        List.of("shoulder", "elbow", "wrist"),
        new ActionSpace.EndEffectorDelta(
            "base",
            "tip",
            List.of("x", "z"),
            List.of(0.04, 0.04),
            true,
            new ActionSpace.Workspace(List.of(0.08, 0.08), List.of(0.92, 0.6))),
        new BundleSpec.Chunk(4, 0.1),
        HeadSpec.tokens(21),
        Language.words(List.of("insert", "the", "peg", "into", "red", "green", "blue", "slot"), 8),
        List.of(),
        BundleSpec.Lineage.NONE);
  }

  static PolicyBundle bundle(long seed) {
    return SmallVla.create(spec(), MEAN, SD, seed);
  }

  static Map<String, NdArray> observations(int batch, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] pixels = new byte[batch * 48 * 48 * 3];
    random.nextBytes(pixels);
    long[] tokens = new long[batch * 8];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = i % 8 < 6 ? random.nextInt(1, 9) : 0;
    }
    float[] joints = new float[batch * 3];
    for (int i = 0; i < joints.length; i++) {
      joints[i] = (float) (MEAN[i % 3] + SD[i % 3] * random.nextGaussian());
    }
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    inputs.put("image.camera", NdArray.of(pixels, batch, 48, 48, 3));
    inputs.put("instruction_tokens", NdArray.of(tokens, batch, 8));
    inputs.put("joint_positions", NdArray.of(joints, batch, 3));
    return inputs;
  }

  static Map<String, Tensor> tensors(Map<String, NdArray> arrays) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach((name, array) -> tensors.put(name, Tensors.of(array)));
    return tensors;
  }

  @Test
  void onnxRuntimeAndLibtorchAgreeOnEveryLogit() {
    PolicyBundle bundle = bundle(7);
    Map<String, NdArray> inputs = observations(5, 1);
    try (OnnxSession session = OnnxSession.open(bundle, OnnxOptions.cpu(1));
        OnnxModule module = OnnxModule.load(bundle);
        PointerScope _ = new PointerScope()) {
      NdArray expected = requireNonNull(session.run(inputs).get("logits"));
      NdArray actual = Tensors.array(module.forward(tensors(inputs), "logits"));
      assertArrayEquals(new long[] {5, 4, 2, 21}, actual.shape());
      assertArrayEquals(expected.toFloats(), actual.toFloats(), 1e-5f);
    }
  }

  @Test
  void theParityCheckPasses() {
    assertTrue(Parity.check(bundle(7)) < 1e-5);
  }

  @Test
  @Prepared
  void onnxRuntimeOfPythonSeesTheSameLogits(@TempDir Path folder) throws Exception {
    bundle(7).save(folder.resolve("bundle"));
    Map<String, NdArray> inputs = observations(5, 1);
    Safetensors.of(inputs).write(folder.resolve("inputs"));
    try (OnnxModule module = OnnxModule.load(PolicyBundle.load(folder.resolve("bundle")));
        PointerScope _ = new PointerScope()) {
      NdArray logits = Tensors.array(module.forward(tensors(inputs), "logits"));
      Safetensors.of(Map.of("logits", logits)).write(folder.resolve("outputs"));
    }
    assertEquals(
        List.of("the same"),
        Python.run(
            "policy/test/resources/check_bundle.py",
            folder.resolve("bundle"),
            folder.resolve("inputs"),
            folder.resolve("outputs"),
            folder.resolve("back")));
  }

  @Test
  void theSameSeedGivesTheSamePolicyAndAnotherSeedAnother() {
    assertEquals(bundle(7).id(), bundle(7).id());
    assertTrue(!bundle(7).id().equals(bundle(8).id()));
  }

  @Test
  void everyParameterIsTrainedAndTheStatisticsAreNot() {
    try (OnnxModule module = OnnxModule.load(bundle(7));
        PointerScope _ = new PointerScope()) {
      assertEquals(
          List.of(
              "words.weight",
              "film.weight",
              "film.bias",
              "conv1.weight",
              "conv1.bias",
              "conv2.weight",
              "conv2.bias",
              "conv3.weight",
              "conv3.bias",
              "image.weight",
              "image.bias",
              "instruction.weight",
              "instruction.bias",
              "joints.weight",
              "joints.bias",
              "hidden.weight",
              "hidden.bias",
              "logits.weight",
              "logits.bias"),
          List.copyOf(module.parameters().keySet()));
      module.forward(tensors(observations(3, 1)), "logits").square().sum().backward();
      module
          .parameters()
          .forEach(
              (name, parameter) ->
                  assertTrue(parameter.grad().abs().sum().item_double() > 0, name));
    }
  }

  @Test
  void aJointThatNeverMovesIsRefused() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> SmallVla.create(spec(), MEAN, new double[] {0.3, 0, 0.3}, 7));
    assertTrue(refusal.toString().contains("'elbow'"), refusal.toString());
  }

  @Test
  void oneBatchIsLearntByHeartInSeconds() {
    try (OnnxModule module = OnnxModule.load(bundle(7));
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> inputs = tensors(observations(16, 3));
      long[] answers = new SplittableRandom(4).longs(16 * 8, 0, 21).toArray();
      Tensor targets = Tensors.of(NdArray.of(answers, answers.length));
      AdamWOptions options = new AdamWOptions(1e-3);
      AdamW optimizer =
          new AdamW(new TensorVector(module.parameters().values().toArray(new Tensor[0])), options);
      double loss = Double.POSITIVE_INFINITY;
      for (int step = 0; step < 60; step++) {
        try (PointerScope _ = new PointerScope()) {
          Tensor logits = module.forward(inputs, "logits").reshape(-1, 21);
          Tensor value = torch.cross_entropy(logits, targets);
          optimizer.zero_grad();
          value.backward();
          optimizer.step();
          loss = value.item_double();
        }
      }
      assertTrue(loss < 0.05, "loss is still " + loss);
    }
  }
}
