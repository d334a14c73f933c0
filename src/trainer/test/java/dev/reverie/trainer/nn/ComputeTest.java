package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.model.Backbone;
import dev.reverie.trainer.model.ShapesConfigs;
import dev.reverie.trainer.model.WorldModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Device and precision, as far as a machine without a GPU has them. */
class ComputeTest extends LibtorchTest {
  private final List<String> said = new ArrayList<>();
  private final Transitions data = Examples.transitions(3);
  private final Metrics metrics;

  ComputeTest(@TempDir Path folder) {
    metrics = new Metrics(folder.resolve("curves.jsonl"), "compute");
  }

  @AfterEach
  void onTheCpuWithAllDigitsAgain() {
    Compute.DEFAULT.begin(Map.of(), said::add);
  }

  private void begin(String device, Precision precision, Map<String, String> environment) {
    new Compute(device, precision, false, 0).begin(environment, said::add);
  }

  @Test
  void cudaThatIsNotThereIsRefusedAndAutomaticallyTheCpu() {
    Refusal.of(
        TrainerException.class,
        () -> begin("cuda:1", Precision.FLOAT32, Map.of()),
        "compute.device is cuda:1",
        "set compute.device to cpu or auto");
    begin("auto", Precision.FLOAT32, Map.of());
    assertEquals(1, said.size());
    assertTrue(said.getFirst().startsWith("computing on the CPU: "), said.getFirst());
    Refusal.of(
        IllegalArgumentException.class,
        () -> new Compute("gpu", Precision.FLOAT32, false, 0),
        "the setting compute.device is gpu");
  }

  @ParameterizedTest
  @EnumSource(Backbone.Kind.class)
  void sixteenBitsLeaveWeightsAndLossAtThirtyTwoAndTheGradientsAlmostAsTheyWere(
      Backbone.Kind kind) {
    var model =
        new WorldModel(ShapesConfigs.of(kind, 64, 2, 2, false, false, false, false), 4, 2, 8);
    Waves.fill(model);
    float[] exact = gradients(model);
    begin("cpu", Precision.BFLOAT16, Map.of());
    float[] rounded = gradients(model);
    double apart = 0;
    double length = 0;
    for (int i = 0; i < exact.length; i++) {
      apart += Math.pow(exact[i] - rounded[i], 2);
      length += Math.pow(exact[i], 2);
    }
    double relative = Math.sqrt(apart / length);
    assertTrue(relative < 0.1, "gradients are %s of their length apart".formatted(relative));
    boolean reduced = said.isEmpty(); // else this processor has no such products
    assertEquals(reduced, relative > 1e-5);
    assertEquals(reduced ? " in bfloat16" : "", Compute.said());
    for (Tensor parameter : model.parameters().trained().values()) {
      assertEquals(ScalarType.Float, parameter.scalar_type().intern());
    }
  }

  private float[] gradients(WorldModel model) {
    List<Tensor> parameters = List.copyOf(model.parameters().trained().values());
    Torch.seed(1, "compute");
    try (var _ = new PointerScope()) {
      Tensor loss = model.loss(data, data.windows().narrow(0, 0, 8), metrics);
      assertEquals(ScalarType.Float, loss.scalar_type().intern());
      Recompute.backward(loss);
      Tensor all = Torch.cat(0, parameters.stream().map(p -> p.grad().flatten()).toList());
      float[] gradients = Torch.floats(all);
      parameters.forEach(parameter -> parameter.mutable_grad().reset());
      return gradients;
    }
  }
}
