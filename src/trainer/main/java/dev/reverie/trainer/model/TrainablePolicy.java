package dev.reverie.trainer.model;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A bundle's graph with gradients: the policy that robot and trainer share, seen by the trainer.
 */
public final class TrainablePolicy implements Network {
  private final PolicyBundle bundle;
  private final OnnxModule module;
  private final Parameters parameters;
  private final Canvas canvas;

  /**
   * Loads the network of a bundle.
   *
   * @param bundle whose cameras the world model can imagine
   */
  public TrainablePolicy(PolicyBundle bundle) {
    this.bundle = bundle;
    canvas = Canvas.of(bundle.spec().cameras());
    module = OnnxModule.load(bundle);
    parameters = Parameters.of(module.parameters());
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  BundleSpec spec() {
    return bundle.spec();
  }

  /**
   * Logits of a chunk's action tokens.
   *
   * @param pixels of the canvas [B, 3, H, W], uint8, or float in [0, 255]
   * @param tokens of the instruction [B, L], int64
   * @param joints [B, J], rad
   * @return [B, K, D, bins]
   */
  public Tensor logits(Tensor pixels, Tensor tokens, Tensor joints) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("instruction_tokens", tokens);
    inputs.put("joint_positions", joints);
    for (Canvas.View view : canvas.views()) {
      Tensor seen = canvas.isOneView() ? pixels : view.of(pixels);
      inputs.put("image." + view.camera(), seen.permute(0, 2, 3, 1)); // [B, H, W, 3], as the robot
    }
    return Torch.required(module.forward(inputs), "logits");
  }

  /** The bundle with the weights as they are now. */
  public PolicyBundle bundle() {
    return bundle.withWeights(module.weights());
  }

  @Override
  public void close() {
    module.close();
  }
}
