package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.bytedeco.pytorch.global.torch.ScalarType.Float;
import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.Adapters;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A bundle's graph with gradients: the policy that robot and trainer share, seen by the trainer.
 */
public final class TrainablePolicy implements Network {
  private final PolicyBundle bundle;
  private final Adapters adapters;
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
    this(bundle, TrainedPart.DEFAULT);
  }

  /**
   * Loads the network of a bundle to train a part of it.
   *
   * @param bundle whose cameras the world model can imagine
   */
  public TrainablePolicy(PolicyBundle bundle, TrainedPart part) {
    this.bundle = bundle;
    canvas = Canvas.of(bundle.spec().cameras());
    head = Head.of(bundle.spec());
    List<String> frozen = bundle.spec().frozen();
    adapters =
        Adapters.of(
            bundle.graph(),
            bundle.weights(),
            name -> part.adapterRank() > 0 && part.adapts(name) && !frozen.contains(name),
            part.adapterRank());
    Set<String> untrained = part.untrained(bundle, adapters.adapted().keySet());
    module =
        OnnxModule.load(
            adapters.model(),
            adapters.weights(),
            new OnnxModule.Storage(untrained, part.half(bundle, untrained), Compute::onDevice),
            bundle.spec().head().lateInputs());
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
    return new Seen(
        module,
        inputs(Compute.onDevice(pixels), Compute.onDevice(tokens), Compute.onDevice(joints)));
  }

  /** Observations that are taken in when the graph runs first, in the scope that it runs in. */
  private static final class Seen implements Head.Graph {
    private final OnnxModule module;
    private final Map<String, Tensor> inputs;
    private @Nullable Map<String, Tensor> begun;

    Seen(OnnxModule module, Map<String, Tensor> inputs) {
      this.module = module;
      this.inputs = inputs;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> more) {
      return Compute.inPrecision(
          () -> {
            if (begun == null) {
              begun = module.begin(inputs);
            }
            return wide(module.finish(begun, more));
          });
    }
  }

  /** Outputs with 32 bits: probabilities of what was drawn need them. */
  private static Map<String, Tensor> wide(Map<String, Tensor> outputs) {
    Map<String, Tensor> wide = new HashMap<>(outputs);
    wide.replaceAll((_, tensor) -> tensor.is_floating_point() ? tensor.to(Float) : tensor);
    return wide;
  }

  private Map<String, Tensor> inputs(Tensor pixels, Tensor tokens, Tensor joints) {
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
    return inputs;
  }

  /** Bytes of its weights, trained or not. */
  public double bytes() {
    return module.bytes();
  }

  /** What its graph does and holds while it draws a chunk for one observation. */
  public Work drawing() {
    BundleSpec spec = bundle.spec();
    List<OnnxModule.Work> early = new ArrayList<>();
    List<OnnxModule.Work> late = new ArrayList<>();
    int[] runs = {0};
    Torch.noGrad(
        () -> {
          Map<String, Tensor> inputs =
              inputs(
                  Compute.onDevice(Torch.zeros(Byte, 1, 3, canvas.height(), canvas.width())),
                  Compute.onDevice(Torch.zeros(Long, 1, spec.vocabulary().length())),
                  Compute.onDevice(Torch.zeros(Float, 1, spec.jointNames().size())));
          Map<String, Tensor> begun = module.begin(inputs, early::add);
          Head.Graph graph =
              more -> {
                runs[0]++;
                return module.finish(begun, more, late::add);
              };
          PolicySample _ =
              head.draw(graph, Compute.onDevice(Torch.zeros(Long, 1)), spec.chunk().horizon(), 1);
        });
    Pass observation = total(early);
    Pass steps = total(late);
    return new Work(observation.plus(steps), observation.plus(steps.times(1.0 / runs[0])));
  }

  /** What some nodes do together. */
  static Pass total(List<OnnxModule.Work> nodes) {
    double flops = nodes.stream().mapToDouble(OnnxModule.Work::flops).sum();
    double numbers = nodes.stream().mapToDouble(OnnxModule.Work::numbers).sum();
    return new Pass(flops, 0, numbers);
  }

  /**
   * What a drawing of one chunk needs.
   *
   * @param pass of all its runs of the graph: one, or a flow's steps
   * @param once of one run of the whole graph
   */
  public record Work(Pass pass, Pass once) {}

  /** The bundle with the weights as they are now. */
  public PolicyBundle bundle() {
    return bundle.withWeights(adapters.merged(module.weights()));
  }

  @Override
  public void close() {
    module.close();
  }
}
