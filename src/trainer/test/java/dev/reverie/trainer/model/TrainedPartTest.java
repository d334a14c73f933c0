package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.NativeMemory;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainedPartTest extends LibtorchTest {
  private final PolicyBundle base = Examples.policy();
  private final Transitions lessons = Examples.transitions(4);
  private final Path folder;

  TrainedPartTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static TrainedPart part(List<String> trained, List<String> frozen, int rank) {
    return new TrainedPart(trained, frozen, rank, List.of(), Precision.FLOAT32);
  }

  @Test
  void whatIsFrozenStaysAndTheRestLearns() {
    PolicyBundle learned = learn(part(List.of("hidden.*", "logits.*"), List.of("*.bias"), 0));
    assertEquals(Set.of("hidden.weight", "logits.weight"), changed(learned));
  }

  @Test
  void adaptersAloneAreTrainedAndMergedWhereTheyStand() {
    TrainedPart part = part(List.of(), List.of(), 2);
    try (TrainablePolicy policy = new TrainablePolicy(base, part)) {
      assertTrue(
          policy.parameters().trained().keySet().stream().allMatch(n -> n.contains(".adapter_")));
      assertEquals(
          2 * (256 + 256), // of the hidden layer
          policy.parameters().trained().entrySet().stream()
              .filter(parameter -> parameter.getKey().startsWith("hidden."))
              .mapToLong(parameter -> parameter.getValue().numel())
              .sum());
      assertEquals(base.id(), policy.bundle().id(), "adapters begin without effect");
      PolicyBundle learned = learn(policy);
      Set<String> changed = changed(learned);
      assertTrue(changed.contains("hidden.weight") && changed.contains("logits.weight"));
      assertTrue(changed.stream().noneMatch(n -> n.contains("conv") || n.endsWith("bias")));
      try (TrainablePolicy merged = new TrainablePolicy(learned)) {
        assertArrayEquals(Torch.floats(logits(policy)), Torch.floats(logits(merged)), 1e-5f);
      }
      assertEquals(base.weights().keySet(), learned.weights().keySet());
      assertTrue(Parity.check(learned) < 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flow", "gaussian"})
  void aPolicyOfPyTorchHasAdaptersInItsAttentionToo(String kind) throws Exception {
    PolicyBundle bundle = PyTorchHeadTest.bundle(kind);
    TrainedPart part =
        new TrainedPart(List.of(), List.of(), 3, List.of("*attention*weight"), Precision.FLOAT32);
    try (TrainablePolicy policy = new TrainablePolicy(bundle, part)) {
      assertEquals(
          Set.of(
              "policy.attention.in_proj_weight.adapter_a",
              "policy.attention.in_proj_weight.adapter_b",
              "policy.attention.out_proj.weight.adapter_a",
              "policy.attention.out_proj.weight.adapter_b"),
          policy.parameters().trained().keySet());
      Torch.noGrad(() -> Waves.fill(policy));
      try (TrainablePolicy merged = new TrainablePolicy(policy.bundle())) {
        Tensor drawn = PyTorchHeadTest.drawn(kind);
        Tensor first = Torch.range(0, 3);
        Tensor with =
            policy.head().likelihood(PyTorchHeadTest.seeing(policy), drawn, first, 1).values();
        Tensor after =
            merged.head().likelihood(PyTorchHeadTest.seeing(merged), drawn, first, 1).values();
        assertArrayEquals(Torch.floats(with.detach()), Torch.floats(after.detach()), 1e-4f);
        with.sum().backward();
        policy
            .parameters()
            .trained()
            .forEach((name, p) -> assertTrue(p.grad().abs().sum().item_double() > 0, name));
      }
      assertNotEquals(bundle.id(), policy.bundle().id());
    }
  }

  @Test
  void patternsThatFitNothingAndPartsThatLeaveNothingAreRefused() {
    refused(part(List.of("hiden.*"), List.of(), 0), "'hiden.*'", "hidden.weight");
    refused(part(List.of(), List.of("*"), 0), "leave nothing");
    refused(adapting(4, List.of("conv1.weight")), "leave nothing");
    Refusal.of(IllegalArgumentException.class, () -> adapting(0, List.of("*")), "policy.adapted");
    Refusal.of(
        TrainerException.class,
        () -> new OutcomeToken(base).trained(part(List.of(), List.of("words.*"), 0)),
        "words.weight");
  }

  private static TrainedPart adapting(int rank, List<String> adapted) {
    return new TrainedPart(List.of(), List.of(), rank, adapted, Precision.FLOAT32);
  }

  /** Adapters beside everything, the base kept in some precision. */
  private static TrainedPart beside(Precision precision) {
    return new TrainedPart(List.of(), List.of(), 2, List.of(), precision);
  }

  @Test
  void aBaseOfSixteenBitsTakesHalfTheMemoryAndLeavesTheBundlesWeightsAsTheyWere() {
    double[] wide = bytes(Precision.FLOAT32);
    double[] half = bytes(Precision.BFLOAT16);
    assertTrue(half[0] < 0.6 * wide[0], "%s instead of %s bytes".formatted(half[0], wide[0]));
    double spared = wide[0] - half[0];
    assertEquals(spared, wide[1] - half[1], 0.4 * spared, "what is counted is what is there");
    try (TrainablePolicy policy = new TrainablePolicy(base, beside(Precision.BFLOAT16))) {
      assertEquals(base.id(), policy.bundle().id());
      PolicyBundle learned = learn(policy);
      Set<String> changed = changed(learned);
      assertTrue(changed.contains("hidden.weight"));
      assertTrue(changed.stream().noneMatch(n -> n.contains("conv") || n.endsWith("bias")));
      policy
          .parameters()
          .trained()
          .forEach((name, p) -> assertEquals(ScalarType.Float, p.scalar_type().intern(), name));
    }
  }

  /** Bytes of a policy's weights, counted and, the median of five times, measured. */
  private double[] bytes(Precision precision) {
    double counted = 0;
    double[] measured = new double[5]; // others allocate and free meanwhile
    for (int i = 0; i < measured.length; i++) {
      double before = NativeMemory.inUse();
      try (TrainablePolicy policy = new TrainablePolicy(base, beside(precision))) {
        counted = policy.bytes();
        measured[i] = NativeMemory.inUse() - before;
      }
    }
    Arrays.sort(measured);
    return new double[] {counted, measured[measured.length / 2]};
  }

  @ParameterizedTest
  @ValueSource(strings = {"flow", "gaussian"})
  void besideABaseOfSixteenBitsTheGradientsAreAlmostThoseBesideOneOfThirtyTwo(String kind)
      throws Exception {
    PolicyBundle bundle = PyTorchHeadTest.bundle(kind);
    float[] exact = gradients(kind, bundle, Precision.FLOAT32);
    float[] rounded = gradients(kind, bundle, Precision.BFLOAT16);
    double apart = 0;
    double length = 0;
    for (int i = 0; i < exact.length; i++) {
      apart += Math.pow(exact[i] - rounded[i], 2);
      length += Math.pow(exact[i], 2);
    }
    double relative = Math.sqrt(apart / length);
    assertTrue(relative > 0 && relative < 0.05, relative + " of their length");
  }

  private static float[] gradients(String kind, PolicyBundle bundle, Precision precision) {
    try (var _ = new PointerScope();
        TrainablePolicy policy = new TrainablePolicy(bundle, beside(precision))) {
      Torch.noGrad(() -> Waves.fill(policy));
      policy
          .head()
          .likelihood(
              PyTorchHeadTest.seeing(policy), PyTorchHeadTest.drawn(kind), Torch.range(0, 3), 1)
          .values()
          .sum()
          .backward();
      return Torch.floats(
          Torch.cat(
              0,
              policy.parameters().trained().values().stream()
                  .map(parameter -> parameter.grad().flatten())
                  .toList()));
    }
  }

  private void refused(TrainedPart part, String... fragments) {
    Refusal.of(TrainerException.class, () -> new TrainablePolicy(base, part), fragments);
  }

  private PolicyBundle learn(TrainedPart part) {
    try (TrainablePolicy policy = new TrainablePolicy(base, part)) {
      return learn(policy);
    }
  }

  private PolicyBundle learn(TrainablePolicy policy) {
    var config = new BehaviourCloning.Config(5, 8, 1e-2, 0, 0, 0, Head.Distance.L1);
    var cloning = new BehaviourCloning(config, policy, lessons);
    new TrainLoop(folder, 1, "test").train("part", policy, cloning.loop(), cloning::loss);
    return policy.bundle();
  }

  private Set<String> changed(PolicyBundle learned) {
    Set<String> changed = new TreeSet<>();
    for (Map.Entry<String, NdArray> weight : base.weights().entrySet()) {
      NdArray now = Objects.requireNonNull(learned.weights().get(weight.getKey()));
      if (!now.equals(weight.getValue())) {
        changed.add(weight.getKey());
      }
    }
    return changed;
  }

  private Tensor logits(TrainablePolicy policy) {
    Tensor pixels = lessons.data().frames().at(0);
    return Torch.noGrad(
        () ->
            policy
                .seeing(
                    pixels, Torch.of(new long[] {1, 3, 1, 3, 1, 3, 1, 3}, 4, 2), Waves.of(1, 4, 2))
                .run(Map.of(), "logits"));
  }
}
