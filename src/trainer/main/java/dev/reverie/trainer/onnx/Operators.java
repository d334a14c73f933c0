package dev.reverie.trainer.onnx;

import dev.reverie.policy.RandomOperators;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The ONNX operators that the executor knows: https://onnx.ai/onnx/operators/ */
final class Operators {
  private static final Map<String, Op.Factory> FACTORIES = new HashMap<>();

  static {
    ElementwiseOps.register(FACTORIES);
    ShapeOps.register(FACTORIES);
    SequenceOps.register(FACTORIES);
    IndexOps.register(FACTORIES);
    ReductionOps.register(FACTORIES);
    NetworkOps.register(FACTORIES);
    PoolOps.register(FACTORIES);
    NormalisationOps.register(FACTORIES);
    RecurrentOps.register(FACTORIES);
    AttentionOps.register(FACTORIES);
    QuantisationOps.register(FACTORIES);
    PictureOps.register(FACTORIES);
  }

  private Operators() {}

  static Op make(Node node) {
    if (RandomOperators.draws(node.type())) {
      throw new OnnxException(
          "%s: it draws random numbers, and a graph that acts differently each time can be neither trained nor replayed; call policy.eval() before the export, and give noise as the input 'x_t' of a flow or diffusion head"
              .formatted(node));
    }
    Op.Factory factory = FACTORIES.get(node.type());
    if (factory == null) {
      throw new OnnxException(
          "%s: the trainer lacks the operator '%s'; it has %s, of which the policy can be written"
              .formatted(node, node.type(), names()));
    }
    try {
      return factory.make(node);
    } catch (OnnxException e) {
      throw new OnnxException("%s: %s".formatted(node, e.getMessage()), e);
    }
  }

  /** The reasons for which nodes of a graph cannot be run, the same operator's once. */
  static List<String> refusals(GraphProto graph) {
    Map<String, String> reasons = new LinkedHashMap<>();
    Map<String, Integer> nodes = new HashMap<>();
    for (NodeProto proto : graph.getNodeList()) {
      try {
        if (!proto.getOpType().equals("Identity")) {
          Op _ = make(new Node(proto));
        }
      } catch (OnnxException e) {
        reasons.putIfAbsent(proto.getOpType(), String.valueOf(e.getMessage()));
        nodes.merge(proto.getOpType(), 1, Integer::sum);
      }
    }
    return reasons.entrySet().stream()
        .map(
            reason -> {
              int more = nodes.getOrDefault(reason.getKey(), 1) - 1;
              return reason.getValue() + (more == 0 ? "" : " (so are %d more)".formatted(more));
            })
        .toList();
  }

  /** The names of all operators that can be run. */
  static SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>(FACTORIES.keySet());
    names.add("Identity"); // the program gives the value a second name
    return names;
  }
}
