package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Metrics;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import dev.reverie.trainer.onnx.Parity;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks that see several cameras on one canvas. */
class ViewsTest extends LibtorchTest {
  private final Canvas canvas = Canvas.of(Examples.TWO_CAMERAS);
  private final Dataset data = Examples.episodes("e", 4, "", canvas);

  @Test
  void theAutoEncoderCodesEachViewAsIfItWereAlone() {
    FrameVae vae = new FrameVae(FrameVae.Config.DEFAULT, canvas);
    Waves.fill(vae);
    vae.normalise(data, data.livingFrames());
    Tensor images = data.images(Torch.range(0, 3));
    Tensor latents = vae.encode(images);
    Tensor decoded = vae.decode(latents);
    for (int i = 0; i < 2; i++) {
      FrameVae alone =
          new FrameVae(FrameVae.Config.DEFAULT, Canvas.of(List.of(Examples.TWO_CAMERAS.get(i))));
      copy(vae, alone);
      Canvas.View view = canvas.views().get(i);
      Tensor of = alone.encode(view.of(images).contiguous());
      assertArrayEquals(
          Torch.floats(of), Torch.floats(view.dividedBy(4).of(latents)), 1e-6f, view.camera());
      assertArrayEquals(
          Torch.floats(alone.decode(of)), Torch.floats(view.of(decoded)), 1e-5f, view.camera());
    }
  }

  @Test
  void theAutoEncodersLossIsTheMeanOverThePixelsOfAllViews(@TempDir Path folder) {
    Metrics metrics = new Metrics(folder.resolve("vae.jsonl"), "vae");
    FrameVae.Config config = FrameVae.Config.DEFAULT;
    FrameVae vae = new FrameVae(config, canvas);
    Waves.fill(vae);
    Tensor images = data.images(Torch.range(0, 3));
    List<FrameVae> alone =
        canvas.views().stream()
            .map(v -> new FrameVae(config, new Canvas(List.of(v), v.width(), v.height())))
            .toList();
    Torch.seed(1, "loss");
    double whole = vae.loss(images, Share.whole(images.size(0)), metrics).item_double();
    Torch.seed(1, "loss");
    double sum = 0;
    for (int i = 0; i < 2; i++) {
      copy(vae, alone.get(i));
      Canvas.View view = canvas.views().get(i);
      double loss =
          alone.get(i).loss(view.of(images), Share.whole(images.size(0)), metrics).item_double();
      sum += loss * view.width() * view.height() / (48 * 48 + 24 * 32);
    }
    assertTrue(Math.abs(whole - sum) < 1e-5, whole + " and " + sum);
  }

  @Test
  void aPolicyOfTwoCamerasSeesEachInItsOwnInput() {
    PolicyBundle bundle = Examples.policy(Examples.spec(Examples.TWO_CAMERAS));
    assertTrue(Parity.check(bundle) < 1e-5);
    Tensor pixels = data.frames().at(2);
    Tensor tokens = Torch.of(new long[] {1, 3, 1, 2, 1, 3, 1, 2}, 4, 2);
    Tensor joints = Waves.of(1, 4, 2);
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("instruction_tokens", tokens);
    inputs.put("joint_positions", joints);
    for (Canvas.View view : canvas.views()) {
      inputs.put("image." + view.camera(), view.of(pixels).permute(0, 2, 3, 1).contiguous());
    }
    try (TrainablePolicy policy = new TrainablePolicy(bundle);
        OnnxModule module = OnnxModule.load(bundle)) {
      Tensor logits = policy.seeing(pixels, tokens, joints).run(Map.of(), "logits");
      assertArrayEquals(
          Torch.floats(module.forward(inputs, "logits").detach()),
          Torch.floats(logits.detach()),
          1e-5f);
      logits.square().sum().backward();
      policy
          .parameters()
          .trained()
          .forEach((name, p) -> assertTrue(p.grad().abs().sum().item_double() > 0, name));
    }
  }

  private static void copy(FrameVae from, FrameVae to) {
    Map<String, Tensor> weights = from.parameters().all();
    Torch.noGrad(
        () ->
            to.parameters()
                .all()
                .forEach((name, tensor) -> tensor.copy_(Torch.required(weights, name))));
  }
}
