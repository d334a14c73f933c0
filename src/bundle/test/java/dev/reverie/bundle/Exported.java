package dev.reverie.bundle;

import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.TensorValues;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A policy as a program of somebody else leaves it: actions = tanh(joints W + b), W renamed and
 * transposed by the exporter, with a table that is computed from constants.
 */
final class Exported {
  static final String SPEC =
      """
      joint_names: [shoulder, elbow]
      action_space: {kind: joint_deltas, joints: [shoulder, elbow], scale_rad: [0.1, 0.1]}
      chunk: {horizon: 3, period_s: 0.1}
      graph:
        inputs:
          - {name: state, source: joints, normalise: {kind: mean_sd, tensors: [state.mean, state.std]}}
      head: {kind: regression, noise: [0.05, 0.05]}
      """;

  final Path folder;
  final Path graph;
  final Path state;
  final Path spec;

  /** Writes graph, state dict and spec. */
  Exported(Path folder) throws IOException {
    this.folder = folder;
    graph = folder.resolve("graph.onnx");
    state = folder.resolve("model.safetensors");
    spec = folder.resolve("spec.yaml");
    writeGraph(model -> model);
    Safetensors.of(stateDict()).writeUnforced(state);
    Files.writeString(spec, SPEC);
  }

  /** Writes the graph anew, changed. */
  void writeGraph(UnaryOperator<ModelProto> change) throws IOException {
    Files.write(graph, change.apply(model()).toByteArray());
  }

  /** Writes the graph anew, some of whose parts are others. */
  void changeGraph(Consumer<GraphProto.Builder> change) throws IOException {
    writeGraph(
        model -> {
          ModelProto.Builder changed = model.toBuilder();
          change.accept(changed.getGraphBuilder());
          return changed.build();
        });
  }

  void writeState(Map<String, NdArray> tensors) throws IOException {
    Files.deleteIfExists(state);
    Safetensors.of(tensors).writeUnforced(state);
  }

  void writeSpec(String from, String to) throws IOException {
    if (!SPEC.contains(from)) {
      throw new IllegalArgumentException("the spec has no " + from);
    }
    Files.writeString(spec, SPEC.replace(from, to));
  }

  /** Tensors of the policy's own program. */
  static Map<String, NdArray> stateDict() {
    Map<String, NdArray> state = new LinkedHashMap<>();
    NdArray weight = normal(7, 2, 6);
    state.put("net.weight", transposed(weight));
    state.put("net.bias", normal(8, 6));
    state.put("table", normal(9, 6));
    state.put("vae.weight", normal(10, 3, 3));
    state.put("tied.weight", state.get("net.weight"));
    state.put("state.mean", NdArray.of(new float[] {0.1f, 0.2f}, 2));
    state.put("state.std", NdArray.of(new float[] {1, 2}, 2));
    return state;
  }

  static NdArray tensor(String name) {
    return Objects.requireNonNull(stateDict().get(name));
  }

  static ModelProto model() {
    GraphBuilder graph = new GraphBuilder("exported");
    String joints = graph.input("state", DType.F32, GraphBuilder.BATCH, 2);
    String w = graph.weight("val_12", normal(7, 2, 6));
    String h = graph.node("MatMul", joints, w);
    h = graph.node("Add", h, graph.weight("net.bias", tensor("net.bias")));
    String ones = graph.node("Expand", graph.scalar(1), graph.integers(6));
    String twos = graph.node("Add", ones, graph.weight("lifted", NdArray.of(new float[] {1}, 1)));
    h = graph.node("Mul", h, twos); // of constants alone
    h = graph.node("Add", h, graph.weight("table", tensor("table")));
    h = graph.node("Reshape", graph.node("Tanh", h), graph.integers(-1, 3, 2));
    graph.output(h, "out", DType.F32, GraphBuilder.BATCH, 3, 2);
    return whole(graph);
  }

  /** A graph with its weights inside. */
  static ModelProto whole(GraphBuilder graph) {
    GraphProto.Builder whole = graph.model().getGraph().toBuilder();
    for (TensorProto.Builder weight : whole.getInitializerBuilderList()) {
      NdArray array = Objects.requireNonNull(graph.weights().get(weight.getName()));
      weight.mergeFrom(TensorValues.proto(array).clearDims().build());
    }
    return graph.model().toBuilder().setGraph(whole).build();
  }

  static NdArray normal(long seed, long... shape) {
    SplittableRandom random = new SplittableRandom(seed);
    long count = 1;
    for (long length : shape) {
      count *= length;
    }
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return NdArray.of(values, shape);
  }

  static NdArray transposed(NdArray matrix) {
    int rows = (int) matrix.shape()[0];
    int columns = (int) matrix.shape()[1];
    float[] from = matrix.toFloats();
    float[] to = new float[from.length];
    for (int i = 0; i < from.length; i++) {
      to[i % columns * rows + i / columns] = from[i];
    }
    return NdArray.of(to, columns, rows);
  }
}
