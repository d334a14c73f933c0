package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.GraphPorts.Port;
import dev.reverie.trainer.nn.Network;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.onnx.OnnxModule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;

/** A reward classifier's network that is a graph of the user's. */
final class GraphJudge implements ClipJudge, Network {
  private static final String CLIP = "clip";
  private static final String TASK = "task";
  private static final String LOGIT = "logit";

  private final GraphPorts ports;
  private final OnnxModule module;
  private final Parameters parameters;

  /**
   * Compares the graph with what a reward classifier has to be.
   *
   * @param horizon K
   * @param canvas that its frames are
   * @param tasks that it has to tell apart
   */
  GraphJudge(OwnGraph graph, int horizon, Canvas canvas, int tasks) {
    ports =
        new GraphPorts(
            List.of(
                Port.needed(CLIP, horizon, 3, canvas.height(), canvas.width()),
                Port.index(TASK, tasks > 1, tasks)),
            List.of(Port.needed(LOGIT)));
    module = graph.module(List.of(ports), Set.of());
    parameters = Parameters.of(module.parameters(), module::close);
  }

  @Override
  public Parameters parameters() {
    return parameters;
  }

  @Override
  public Tensor logits(Tensor clips, Tensor task) {
    Map<String, Tensor> inputs = new HashMap<>(Map.of(CLIP, clips, TASK, task));
    inputs.keySet().retainAll(module.inputs());
    return module.forward(inputs, LOGIT);
  }

  /** Returns what it does to judge a clip; counted by running it. */
  Pass counted() {
    List<OnnxModule.Work> nodes = new ArrayList<>();
    Torch.noGrad(
        () -> {
          Map<String, Tensor> _ = module.forward(ports.zeros(module, 1), nodes::add);
        });
    return TrainablePolicy.total(nodes);
  }
}
