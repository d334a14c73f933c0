package dev.reverie.trainer.onnx;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Low-rank adapters (LoRA, arXiv 2106.09685) of a graph's products with weights: beside x W stands
 * (x A) B, of activations, so that no gradient of W's size is ever there. B begins at zero, and A B
 * is added to W when the weights are taken out.
 *
 * @param model the graph with its adapters
 * @param weights of all of its initializers, as they begin
 * @param adapted whether a weight lies as [out, in], by the names of the weights that have adapters
 */
public record Adapters(
    ModelProto model, Map<String, NdArray> weights, Map<String, Boolean> adapted) {
  private static final String A = ".adapter_a";
  private static final String B = ".adapter_b";

  /**
   * Gives adapters to weights, each of which serves in products alone.
   *
   * @param wanted which of them, by name
   * @param rank columns of A, at most as many as the weight's shorter side
   */
  public static Adapters of(
      ModelProto model, Map<String, NdArray> weights, Predicate<String> wanted, int rank) {
    Map<String, Boolean> adapted = products(model.getGraph(), weights, wanted);
    Map<String, NdArray> all = new LinkedHashMap<>(weights);
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    adapted.forEach(
        (name, transposed) -> {
          long[] shape = array(weights, name).shape();
          long in = shape[transposed ? 1 : 0];
          long out = shape[transposed ? 0 : 1];
          long r = Math.min(rank, Math.min(in, out));
          add(graph, all, name + A, uniform(name, in, r));
          add(graph, all, name + B, NdArray.zeros(DType.F32, r, out));
        });
    Map<String, Use> uses = uses(model.getGraph(), weights);
    for (NodeProto node : model.getGraph().getNodeList()) {
      Use use = uses.get(product(node));
      if (use == null || !adapted.containsKey(use.weight)) {
        graph.addNode(node);
        continue;
      }
      String y = node.getOutput(0);
      graph.addNode(node.toBuilder().setOutput(0, y + ".base"));
      graph.addNode(node("MatMul", y + ".low", node.getInput(0), use.weight + A));
      graph.addNode(node("MatMul", y + ".adapter", y + ".low", use.weight + B));
      graph.addNode(node("Add", y, y + ".base", y + ".adapter"));
    }
    return new Adapters(model.toBuilder().setGraph(graph).build(), all, adapted);
  }

  /** The weights of the graph without adapters, after training: each with its A B. */
  public Map<String, NdArray> merged(Map<String, NdArray> trained) {
    Map<String, NdArray> merged = new LinkedHashMap<>(trained);
    try (PointerScope _ = new PointerScope()) {
      adapted.forEach(
          (name, transposed) -> {
            Tensor change =
                Tensors.of(array(trained, name + A)).mm(Tensors.of(array(trained, name + B)));
            Tensor weight = Tensors.of(array(trained, name));
            merged.put(name, Tensors.owned(weight.add(transposed ? change.t() : change)));
            merged.remove(name + A);
            merged.remove(name + B);
          });
    }
    return merged;
  }

  /**
   * A weight as a product takes it.
   *
   * @param transposed whether it lies as [out, in]
   */
  private record Use(String weight, boolean transposed) {}

  /** Returns what stands on the right in a product of activations, empty where the node is none. */
  private static String product(NodeProto node) {
    return switch (node.getOpType()) {
      case "MatMul" -> node.getInput(1);
      case "Gemm" ->
          number(node, "transA", 0) == 0 && number(node, "alpha", 1) == 1
              ? node.getInput(1) + (number(node, "transB", 0) == 0 ? "" : "^T")
              : "";
      default -> "";
    };
  }

  /** Weights by what products take of them: their names, those transposed in Gemm with a mark. */
  private static Map<String, Use> uses(GraphProto graph, Map<String, NdArray> weights) {
    Map<String, Use> uses = new HashMap<>();
    weights.forEach(
        (name, array) -> {
          if (array.type() == DType.F32 && array.shape().length == 2) {
            uses.put(name, new Use(name, false));
            uses.put(name + "^T", new Use(name, true));
          }
        });
    for (NodeProto node : graph.getNodeList()) {
      Use use = node.getOpType().equals("Transpose") ? uses.get(node.getInput(0)) : null;
      if (use != null) { // of two axes: it can but swap them
        uses.put(node.getOutput(0), new Use(use.weight, true));
        uses.put(node.getOutput(0) + "^T", new Use(use.weight, false));
      }
    }
    return uses;
  }

  /** The wanted weights that serve in products alone, always the same way round. */
  private static Map<String, Boolean> products(
      GraphProto graph, Map<String, NdArray> weights, Predicate<String> wanted) {
    Map<String, Use> uses = uses(graph, weights);
    Map<String, Boolean> found = new LinkedHashMap<>();
    Set<String> otherwise = new HashSet<>();
    graph.getOutputList().forEach(output -> note(uses.get(output.getName()), otherwise));
    for (NodeProto node : graph.getNodeList()) {
      Use product = uses.get(product(node));
      if (product != null) {
        Boolean before = found.putIfAbsent(product.weight, product.transposed);
        if (before != null && before != product.transposed) {
          otherwise.add(product.weight);
        }
      }
      boolean turned = node.getOpType().equals("Transpose") && uses.containsKey(node.getOutput(0));
      for (int i = 0; i < node.getInputCount() && !turned; i++) {
        if (product == null || i != 1) {
          note(uses.get(node.getInput(i)), otherwise);
        }
      }
    }
    found.keySet().removeIf(name -> otherwise.contains(name) || !wanted.test(name));
    return found;
  }

  private static void note(@Nullable Use use, Set<String> otherwise) {
    if (use != null) {
      otherwise.add(use.weight);
    }
  }

  private static double number(NodeProto node, String name, double absent) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return attribute.getType() == AttributeProto.AttributeType.INT
            ? attribute.getI()
            : attribute.getF();
      }
    }
    return absent;
  }

  private static NdArray array(Map<String, NdArray> weights, String name) {
    NdArray array = weights.get(name);
    if (array == null) {
      throw new OnnxException("there is no weight '%s'".formatted(name));
    }
    return array;
  }

  private static void add(
      GraphProto.Builder graph, Map<String, NdArray> weights, String name, NdArray array) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(array.type().onnxCode());
    for (long length : array.shape()) {
      proto.addDims(length);
    }
    graph.addInitializer(proto);
    weights.put(name, array);
  }

  /** PyTorch's default for a linear layer; the same for the same name. */
  private static NdArray uniform(String name, long in, long rank) {
    var random = new SplittableRandom(name.hashCode());
    double bound = 1 / Math.sqrt(in);
    float[] values = new float[Math.toIntExact(in * rank)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble(-bound, bound);
    }
    return NdArray.of(values, in, rank);
  }

  private static NodeProto node(String type, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(type)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }
}
