package dev.reverie.trainer.model;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
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
  private final Head head;

  /**
   * Loads the network of a bundle.
   *
   * @param bundle whose cameras the world model can imagine
   */
  public TrainablePolicy(PolicyBundle bundle) {
    this.bundle = bundle;
    canvas = Canvas.of(bundle.spec().cameras());
    head = Head.of(bundle.spec());
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

  /** What it draws, and how likely it finds it. */
  public Head head() {
    return head;
  }

  /**
   * Its graph under a batch of observations, of which it is given what it takes.
   *
   * @param pixels of the canvas [B, 3, H, W], uint8, or float in [0, 255]
   * @param tokens of the instruction [B, L], int64
   * @param joints [B, J], rad
   */
  public Head.Graph seeing(Tensor pixels, Tensor tokens, Tensor joints) {
    Map<String, Tensor> inputs = new HashMap<>();
    if (bundle.inputs().contains(PolicyBundle.INSTRUCTION)) {
      inputs.put(PolicyBundle.INSTRUCTION, tokens);
    }
    if (bundle.inputs().contains(PolicyBundle.JOINTS)) {
      inputs.put(PolicyBundle.JOINTS, joints);
    }
    for (Canvas.View view : canvas.views()) {
      Tensor seen = canvas.isOneView() ? pixels : view.of(pixels);
      inputs.put("image." + view.camera(), seen.permute(0, 2, 3, 1)); // [B, H, W, 3], as the robot
    }
    return more -> {
      Map<String, Tensor> all = new HashMap<>(inputs);
      all.putAll(more);
      return module.forward(all);
    };
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
