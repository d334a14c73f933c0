package dev.reverie.trainer.onnx;

import dev.reverie.policy.Buffers;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.AttributeProto;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.TensorProto;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A graph's initializers as tensors. What learns has memory of its own, with 32 bits where it is
 * stored with 16; what does not is given back as it was, and stays where it was read from, such as
 * a mapped file, where it is large.
 */
final class Weights implements AutoCloseable {
  private static final Set<DType> NARROW = Set.of(DType.F16, DType.BF16);
  private static final long LARGE = 64 << 20; // bytes; less is copied, aligned as libtorch does it
  private static final String SUFFIX = ".narrow";

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, NdArray> untrained = new HashMap<>();
  private final Map<String, DType> narrow = new LinkedHashMap<>();

  /**
   * Makes the tensors.
   *
   * @param arrays the value of each initializer that the graph does not hold itself
   */
  Weights(GraphProto graph, Map<String, NdArray> arrays, OnnxModule.Storage storage) {
    Set<String> buffers = Buffers.of(graph);
    for (TensorProto proto : graph.getInitializerList()) {
      String name = proto.getName();
      NdArray given = arrays.get(name);
      NdArray array = given == null ? Node.array(proto) : given;
      boolean learns =
          Tensors.isFloat(array.type())
              && !storage.frozen().contains(name)
              && !buffers.contains(name);
      try (PointerScope _ = new PointerScope()) {
        Tensor tensor = learns ? trained(name, array, storage) : kept(name, array, storage);
        tensor.retainReference();
        tensors.put(name, tensor);
        if (learns) {
          tensor.set_requires_grad(true);
          parameters.put(name, tensor);
        }
      }
    }
  }

  private Tensor trained(String name, NdArray array, OnnxModule.Storage storage) {
    Tensor tensor = Tensors.of(array);
    if (NARROW.contains(array.type())) {
      narrow.put(name, array.type());
      tensor = tensor.to(ScalarType.Float);
    }
    return storage.place().apply(tensor);
  }

  private Tensor kept(String name, NdArray array, OnnxModule.Storage storage) {
    untrained.put(name, array);
    Tensor tensor = array.data().byteSize() < LARGE ? Tensors.of(array) : Tensors.over(array);
    return storage
        .place()
        .apply(storage.half().contains(name) ? tensor.to(ScalarType.BFloat16) : tensor);
  }

  /** All by name, in the order of the graph. */
  Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Returns those that learn. */
  Map<String, Tensor> parameters() {
    return Collections.unmodifiableMap(parameters);
  }

  /** The graph that gives each parameter the 16 bits that it is stored with, where it uses it. */
  ModelProto narrowed(ModelProto model) {
    if (narrow.isEmpty()) {
      return model;
    }
    GraphProto.Builder graph = model.getGraph().toBuilder().clearNode();
    narrow.forEach(
        (name, type) ->
            graph.addNode(
                NodeProto.newBuilder()
                    .setOpType("Cast")
                    .setName(name + SUFFIX)
                    .addInput(name)
                    .addOutput(name + SUFFIX)
                    .addAttribute(
                        AttributeProto.newBuilder()
                            .setName("to")
                            .setType(AttributeProto.AttributeType.INT)
                            .setI(type.onnxCode()))));
    for (NodeProto node : model.getGraph().getNodeList()) {
      NodeProto.Builder changed = node.toBuilder();
      for (int i = 0; i < node.getInputCount(); i++) {
        String input = node.getInput(i);
        changed.setInput(i, narrow.containsKey(input) ? input + SUFFIX : input);
      }
      graph.addNode(changed);
    }
    return model.toBuilder().setGraph(graph).build();
  }

  /**
   * All as they are now, with the types that they came with. Later steps do not change them: of
   * what learns they are copies, outside of the heap, which live as long as they are reachable.
   */
  Map<String, NdArray> arrays() {
    Map<String, NdArray> arrays = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          NdArray as = untrained.get(name);
          try (PointerScope _ = new PointerScope()) {
            arrays.put(name, as == null ? Tensors.owned(copied(name, tensor)) : as);
          }
        });
    return arrays;
  }

  private Tensor copied(String name, Tensor tensor) {
    DType type = narrow.get(name);
    if (type != null) {
      return tensor.detach().cpu().to(Tensors.scalarType(type));
    }
    return tensor.is_cpu() ? tensor.detach().clone() : tensor.detach().cpu();
  }

  /** Bytes of all of them as they are kept. */
  double bytes() {
    return tensors.values().stream()
        .mapToDouble(tensor -> (double) tensor.numel() * tensor.element_size())
        .sum();
  }

  @Override
  public void close() {
    tensors.values().forEach(Tensor::releaseReference);
    tensors.clear();
  }
}
