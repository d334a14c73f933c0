package dev.reverie.trainer.model;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * A bundle's graph with gradients: the policy that robot and trainer share, seen by the trainer.
 */
public final class TrainablePolicy implements Network {
  private final PolicyBundle bundle;
  private final OnnxModule module;
  private final Parameters parameters;
  private final String image;

  /**
   * Loads the network of a bundle.
   *
   * @param bundle with one camera, since the world model imagines one
   */
  public TrainablePolicy(PolicyBundle bundle) {
    this.bundle = bundle;
    image = "image." + bundle.spec().cameras().getFirst().name();
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
   * @param pixels [B, 3, H, W], uint8, or float in [0, 255]
   * @param tokens of the instruction [B, L], int64
   * @param joints [B, J], rad
   * @return [B, K, D, bins]
   */
  public Tensor logits(Tensor pixels, Tensor tokens, Tensor joints) {
    return Torch.required(
        module.forward(
            Map.of(
                image,
                pixels.permute(0, 2, 3, 1), // [B, H, W, 3], as the robot gives it
                "instruction_tokens",
                tokens,
                "joint_positions",
                joints)),
        "logits");
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
