package dev.reverie.policy;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.Sha256;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxPolicyTest {
  @Test
  void anObservationGivesTheLogitsOfTheGraph() {
    PolicyBundle bundle = TinyPolicy.bundle();
    Observation observation = TinyPolicy.observation(3);
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) {
      PolicyOutput output = policy.infer(observation);
      assertEquals(3, output.horizon());
      assertEquals(2, output.dimensions());
      assertEquals(5, output.bins());
      assertArrayEquals(byHand(bundle, observation), output.logits(), 1e-5f);
      assertArrayEquals(output.logits(), policy.infer(observation).logits());
    }
  }

  @Test
  void aBatchGivesWhatSingleObservationsGive() {
    PolicyBundle bundle = TinyPolicy.bundle();
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        OnnxSession session = OnnxSession.open(bundle, OnnxOptions.cpu(1))) {
      byte[] pixels = new byte[2 * 4 * 6 * 3];
      float[] joints = new float[4];
      for (int i = 0; i < 2; i++) {
        Observation observation = TinyPolicy.observation(i);
        byte[] rgb = requireNonNull(observation.images().get("front")).rgb();
        System.arraycopy(rgb, 0, pixels, i * rgb.length, rgb.length);
        joints[2 * i] = (float) observation.jointPositions()[0];
        joints[2 * i + 1] = (float) observation.jointPositions()[1];
      }
      Map<String, NdArray> batch =
          Map.of(
              "image.front", NdArray.of(pixels, 2, 4, 6, 3),
              "instruction_tokens", NdArray.of(new long[] {1, 3, 0, 0, 1, 3, 0, 0}, 2, 4),
              "joint_positions", NdArray.of(joints, 2, 2));
      float[] logits = requireNonNull(session.run(batch).get("logits")).toFloats();
      for (int i = 0; i < 2; i++) {
        float[] single = policy.infer(TinyPolicy.observation(i)).logits();
        assertArrayEquals(single, Arrays.copyOfRange(logits, 30 * i, 30 * i + 30), 1e-5f);
      }
    }
  }

  @Test
  void anObservationThatLacksSomethingIsRefusedByName() {
    CameraImage image = new CameraImage(6, 4, new byte[72]);
    try (OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.bundle(), OnnxOptions.cpu(1))) {
      refused(policy, new Observation(Map.of("wrist", image), new double[2], "red"), "'front'");
      refused(policy, new Observation(Map.of("front", image), new double[3], "red"), "3 joint");
      double[] broken = {0, Double.NaN};
      refused(policy, new Observation(Map.of("front", image), broken, "red"), "'elbow'");
      refused(policy, new Observation(Map.of("front", image), new double[2], "blue"), "'blue'");
    }
  }

  @Test
  void closingWaitsForInferencesAndLaterOnesAreRefused() throws Exception {
    for (int round = 0; round < 20; round++) {
      OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.bundle(), OnnxOptions.cpu(1));
      AtomicInteger done = new AtomicInteger();
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        List<Future<?>> loops = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          loops.add(threads.submit(() -> forever(policy, done)));
        }
        while (done.get() < 50) {
          Thread.onSpinWait();
        }
        policy.close();
        for (Future<?> loop : loops) {
          ExecutionException end = assertThrows(ExecutionException.class, loop::get);
          assertTrue(end.toString().contains("this policy is closed"), end.toString());
        }
      }
      policy.close(); // a second time does nothing
    }
  }

  @Test
  void aMissingGpuFallsBackToTheCpu() {
    try (OnnxPolicy policy = OnnxPolicy.open(TinyPolicy.bundle(), OnnxOptions.cuda(1))) {
      boolean gpu = Files.exists(Path.of("/dev/nvidia0"));
      assertTrue(gpu || policy.provider() == ExecutionProvider.CPU);
      assertEquals(policy.provider() == ExecutionProvider.CUDA, policy.passedOver().isEmpty());
      assertFalse(policy.infer(TinyPolicy.observation(1)).logits().length == 0);
    }
  }

  @Test
  void anExecutionProviderThatIsNotThereIsRefusedWhereNoOtherWillDo() {
    for (ExecutionProvider one : EnumSet.complementOf(EnumSet.copyOf(ExecutionProvider.built()))) {
      var options = new OnnxOptions(1, List.of(one));
      Refusal.of(
          ProviderException.class,
          () -> OnnxPolicy.open(TinyPolicy.bundle(), options).close(),
          one + ": ");
    }
    assertTrue(ExecutionProvider.built().contains(ExecutionProvider.CPU));
  }

  @Test
  void aSessionThatGivesOtherNumbersThanTheCpuIsRefused() {
    PolicyBundle bundle = TinyPolicy.bundle();
    Map<String, NdArray> weights = new HashMap<>(bundle.weights());
    NdArray changed = requireNonNull(weights.get("image.weight")).copy();
    changed.set(0, 0.5 + changed.toDoubles()[0]);
    weights.put("image.weight", changed);
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1));
        PolicySession same = PolicySession.open(bundle, 1, ExecutionProvider.CPU);
        PolicySession other =
            PolicySession.open(bundle.withWeights(weights), 1, ExecutionProvider.CPU)) {
      policy.requireSame(same);
      Refusal.of(
          ProviderException.class,
          () -> policy.requireSame(other),
          "CPU: output 'logits' differs from what the CPU gives by",
          "more than probe.tolerance 0.001");
    }
  }

  @Test
  void aGraphThatOnnxRuntimeCannotRunIsRefused() {
    GraphBuilder graph = TinyPolicy.graph();
    graph.node("NoSuchOperator", "joint_positions");
    PolicyBundle bundle = PolicyBundle.of(TinyPolicy.spec(), graph.model(), graph.weights());
    Refusal.of(
        BundleException.class,
        () -> OnnxPolicy.open(bundle, OnnxOptions.cpu(1)).close(),
        "NoSuchOperator");
  }

  @Test
  void aDamagedGraphWithAFittingHashIsRefusedOrRunsButNeverBreaksTheProcess(@TempDir Path parent)
      throws IOException {
    Path folder = parent.resolve("bundle");
    PolicyBundle bundle = TinyPolicy.bundle();
    bundle.save(folder);
    byte[] graph = Files.readAllBytes(folder.resolve("policy.onnx"));
    String json = Files.readString(folder.resolve("bundle.json"));
    String hash = requireNonNull(bundle.spec().files().get("policy.onnx"));
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 120; i++) {
      byte[] damaged =
          Arrays.copyOf(graph, i % 4 == 0 ? random.nextInt(graph.length) : graph.length);
      if (damaged.length > 0) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }
      Files.write(folder.resolve("policy.onnx"), damaged);
      Files.writeString(folder.resolve("bundle.json"), json.replace(hash, Sha256.of(damaged)));
      try (OnnxPolicy policy = OnnxPolicy.open(PolicyBundle.load(folder), OnnxOptions.cpu(1))) {
        policy.infer(TinyPolicy.observation(1));
      } catch (BundleException | IllegalStateException e) {
        refused++;
      }
    }
    assertTrue(refused > 50 && refused < 120, refused + " of 120 refused");
  }

  private static Void forever(OnnxPolicy policy, AtomicInteger done) {
    while (true) {
      policy.infer(TinyPolicy.observation(1));
      done.incrementAndGet();
    }
  }

  private static void refused(OnnxPolicy policy, Observation observation, String message) {
    Refusal.of(IllegalArgumentException.class, () -> policy.infer(observation), message);
  }

  private static float[] byHand(PolicyBundle bundle, Observation observation) {
    byte[] rgb = requireNonNull(observation.images().get("front")).rgb();
    double[] mean = new double[3];
    for (int i = 0; i < rgb.length; i++) {
      mean[i % 3] += (rgb[i] & 255) / 24.0 / 255;
    }
    float[] image = weight(bundle, "image.weight");
    float[] words = weight(bundle, "words.weight");
    float[] joints = weight(bundle, "joints.weight");
    float[] centre = weight(bundle, "joints.mean");
    float[] logits = new float[30];
    for (int i = 0; i < 30; i++) {
      double sum = words[30 + i] + words[3 * 30 + i] + 2 * words[i]; // red, slot, padding twice
      for (int c = 0; c < 3; c++) {
        sum += mean[c] * image[30 * c + i];
      }
      for (int j = 0; j < 2; j++) {
        sum += (observation.jointPositions()[j] - centre[j]) * joints[30 * j + i];
      }
      logits[i] = (float) sum;
    }
    return logits;
  }

  private static float[] weight(PolicyBundle bundle, String name) {
    return requireNonNull(bundle.weights().get(name)).toFloats();
  }
}
