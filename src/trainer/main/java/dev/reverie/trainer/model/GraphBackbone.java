package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.data.Memory;
import dev.reverie.trainer.model.GraphPorts.Port;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/**
 * A world model's network that is a graph of the user's. What does not depend on the new frames
 * runs once a sample.
 */
final class GraphBackbone implements Backbone, Network {
  private static final String FRAMES = "frames";
  private static final String TIME = "time";
  private static final String PAST = "past";
  private static final String PAST_NOISE = "past_noise";
  private static final String PAST_ACTIONS = "past_actions";
  private static final String ACTIONS = "actions";
  private static final String JOINTS = "joints";
  private static final String PAST_JOINTS = "past_joints";
  private static final String MASKS = "arm";
  private static final String PREDICTION = "prediction";

  private static final Set<String> LATE = Set.of(FRAMES, TIME);

  private final GraphPorts ports;
  private final OnnxModule module;
  private final Parameters parameters;
  private Optional<Shapes.OfWorldModel> counted = Optional.empty(); // until somebody asks

  /**
   * Compares the graph with what a world model has to be.
   *
   * @param horizon K
   * @param actionDimensions D
   * @param joints J that it is told of
   * @param channels C
   * @param canvas of which the latents are
   */
  GraphBackbone(
      OwnGraph graph,
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      Canvas canvas) {
    Memory memory = config.memory();
    long h = canvas.height() / FrameVae.CELL;
    long w = canvas.width() / FrameVae.CELL;
    boolean led = memory.actions();
    List<Port> inputs =
        new ArrayList<>(
            List.of(
                Port.needed(FRAMES, horizon, channels, h, w),
                Port.needed(TIME),
                Port.needed(PAST, memory.slots(), channels, h, w),
                Port.needed(ACTIONS, horizon, actionDimensions),
                Port.wanted(PAST_NOISE, false)));
    if (led) {
      inputs.add(Port.needed(PAST_ACTIONS, memory.frames(), actionDimensions));
    }
    if (memory.joints()) {
      inputs.add(Port.needed(JOINTS, horizon, joints));
      inputs.add(Port.wanted(PAST_JOINTS, false, memory.slots(), joints));
    }
    if (config.silhouette()) {
      inputs.add(Port.needed(MASKS, (long) memory.slots() + horizon, 1, h, w));
    }
    List<Port> outputs = List.of(Port.needed(PREDICTION, horizon, channels, h, w));
    ports = new GraphPorts(inputs, outputs);
    module = graph.module(List.of(ports), LATE);
    parameters = Parameters.of(module.parameters(), module::close);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Given given(Context past, Course course, Tensor masks, Tensor level) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put(PAST, past.frames());
    inputs.put(ACTIONS, course.actions());
    inputs.put(JOINTS, course.joints());
    inputs.put(PAST_JOINTS, past.joints());
    inputs.put(MASKS, masks);
    inputs.put(PAST_NOISE, level);
    inputs.put(PAST_ACTIONS, past.actions());
    inputs.keySet().retainAll(module.inputs());
    Map<String, Tensor> begun = module.begin(inputs);
    return (z, tau) ->
        Torch.required(module.finish(begun, Map.of(FRAMES, z, TIME, tau)), PREDICTION);
  }

  /**
   * Returns what it does of the past, and then at every flow time, for a sample; counted by running
   * it.
   */
  Shapes.OfWorldModel counted() {
    if (counted.isEmpty()) {
      counted = Optional.of(count());
    }
    return counted.orElseThrow();
  }

  private Shapes.OfWorldModel count() {
    List<OnnxModule.Work> given = new ArrayList<>();
    List<OnnxModule.Work> predicted = new ArrayList<>();
    Torch.noGrad(
        () -> {
          Map<String, Tensor> early = ports.zeros(module, 1);
          Map<String, Tensor> late = new HashMap<>(early);
          early.keySet().removeAll(LATE);
          late.keySet().retainAll(LATE);
          Map<String, Tensor> _ =
              module.finish(module.begin(early, given::add), late, predicted::add);
        });
    return Shapes.OfWorldModel.whole(
        parameters.count(), TrainablePolicy.total(given), TrainablePolicy.total(predicted));
  }
}
