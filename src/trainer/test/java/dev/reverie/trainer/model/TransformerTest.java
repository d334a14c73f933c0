package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The transformer beside the same network in PyTorch 2.10, and what its parts are there for. */
class TransformerTest extends LibtorchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource({"wmpo, false, SOME_BLOCKS", "wovr, true, SOME_BLOCKS", "every, true, EVERY_BLOCK"})
  void predictionAndAllGradientsAreThoseOfPyTorch(
      String name, boolean second, Backbone.Modulation modulation) throws IOException {
    WorldModel model = model(config(second, 3, modulation));
    Tensor predicted = predict(model, 1, Waves.of(3, 2, 4, 2));
    predicted.square().mean().backward();
    Map<String, Tensor> ours = new LinkedHashMap<>();
    ours.put("prediction", predicted.detach());
    model.parameters().trained().forEach((key, tensor) -> ours.put(key, tensor.grad()));
    int compared = 0;
    for (String line : peer().lines().toList()) {
      String[] told = line.split(" ", -1);
      if (told[0].equals(name)) {
        Tensor tensor = Torch.required(ours, told[1]);
        double product = tensor.mul(Waves.of(5, Torch.shape(tensor))).sum().item_double();
        double norm = tensor.norm().item_double();
        double scale = Math.max(1e-3, Double.parseDouble(told[3]));
        assertEquals(Double.parseDouble(told[2]), product, 1e-5 * scale * 10, line);
        assertEquals(Double.parseDouble(told[3]), norm, 1e-5 * scale, line);
        compared++;
      }
    }
    assertEquals(ours.size(), compared);
  }

  @Test
  void aFrameHeedsItsOwnActionAndThoseBeforeAlone() {
    for (boolean second : new boolean[] {false, true}) {
      WorldModel model = model(config(second));
      Tensor actions = Waves.of(3, 2, 4, 2);
      Tensor others = actions.clone();
      others.select(1, 2).add_(new Scalar(0.5f)); // the third of four
      Tensor change =
          Torch.noGrad(() -> predict(model, 1, actions).sub(predict(model, 1, others)).abs());
      assertEquals(0, change.narrow(1, 0, 2).max().item_double());
      assertTrue(change.select(1, 2).max().item_double() > 1e-4);
      assertTrue(change.select(1, 3).max().item_double() > 1e-4);
    }
  }

  @Test
  void thePastIsTakenInOnceForAllFlowTimes() {
    WorldModel model = model(config(true));
    Context past = past();
    Course course = Course.of(Waves.of(3, 2, 4, 2));
    Tensor level = Torch.full(0.05, 2);
    Tensor z = Waves.of(1, 2, 4, 8, 12, 12);
    Torch.noGrad(
        () -> {
          Backbone.Given given = model.backbone().given(past, course, none(past, 4), level);
          for (double tau : new double[] {1, 0.5}) {
            Tensor once = given.predict(z, Torch.full(tau, 2)).add(past.newest());
            Tensor anew = model.predict(z, past, course, Torch.full(tau, 2), level);
            assertEquals(0, once.sub(anew).abs().max().item_double());
          }
        });
  }

  @Test
  void anUntrainedOneSaysThatNothingMoves() {
    WorldModel model = new WorldModel(config(true), 4, 2, 8);
    Tensor said = Torch.noGrad(() -> predict(model, 1, Waves.of(3, 2, 4, 2)));
    assertEquals(0, said.sub(past().newest()).abs().max().item_double());
  }

  @Test
  void aPatchThatDoesNotDivideTheLatentsIsNamed() {
    WorldModel model = model(config(false, 5, Backbone.Modulation.SOME_BLOCKS));
    Refusal.of(
        TrainerException.class,
        () -> predict(model, 1, Waves.of(3, 2, 4, 2)),
        "worldModel.patch is 5, and the latents are 12 x 12");
  }

  private static Tensor predict(WorldModel model, double phase, Tensor actions) {
    return model.predict(
        Waves.of(phase, 2, 4, 8, 12, 12),
        past(model),
        Course.of(actions),
        Torch.of(new float[] {1, 0.5f}, 2),
        Torch.of(new float[] {0.05f, 0.2f}, 2));
  }

  /** No silhouettes. */
  private static Tensor none(Context past, long ahead) {
    return Torch.full(0, 2, past.frames().size(1) + ahead, 0, 12, 12);
  }

  private static Context past() {
    return past(new WorldModel(config(true), 4, 2, 8));
  }

  private static Context past(WorldModel model) {
    return new Context(
        model.memory(), Waves.of(2, 2, model.memory().slots(), 8, 12, 12), Waves.of(4, 2, 3, 2));
  }

  private static WorldModel model(WorldModel.Config config) {
    WorldModel model = new WorldModel(config, 4, 2, 8);
    Waves.fill(model);
    model
        .parameters()
        .trained()
        .forEach(
            (name, tensor) -> {
              if (name.endsWith("_norm")) {
                Torch.noGrad(() -> tensor.add_(new Scalar(1f)));
              }
            });
    return model;
  }

  private static WorldModel.Config config(boolean second) {
    return config(second, 3, Backbone.Modulation.SOME_BLOCKS);
  }

  private static WorldModel.Config config(
      boolean second, int patch, Backbone.Modulation modulation) {
    ObjectNode all = JSON.valueToTree(WorldModel.Config.DEFAULT);
    all.put("backbone", "TRANSFORMER")
        .put("width", 16)
        .put("depth", 2)
        .put("heads", 2)
        .put("patch", patch)
        .put("memoryFrames", 3)
        .put("reference", second)
        .put("memoryActions", second)
        .put("crossAttention", second)
        .put("modulation", modulation.name());
    return JSON.convertValue(all, WorldModel.Config.class);
  }

  private static String peer() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(TransformerTest.class.getResourceAsStream("transformer.txt"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
