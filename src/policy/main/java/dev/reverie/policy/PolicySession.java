package dev.reverie.policy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtSession;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A policy's graph in ONNX Runtime: whole, or where a chunk takes several runs in two parts, of
 * which the first, that of the observation, runs once.
 */
final class PolicySession implements AutoCloseable {
  private final OnnxSession session;
  private final Optional<First> first;
  private final Set<String> late;

  /**
   * The part of the observation.
   *
   * @param between its outputs, which the other takes
   */
  private record First(OnnxSession session, Set<String> between) {}

  private PolicySession(OnnxSession session, Optional<First> first, Set<String> late) {
    this.session = session;
    this.first = first;
    this.late = late;
  }

  /** Prepares the graph of a bundle. */
  static PolicySession open(PolicyBundle bundle, OnnxOptions options) {
    Set<String> late = bundle.spec().head().lateInputs();
    if (late.isEmpty()) {
      return new PolicySession(OnnxSession.open(bundle, options), Optional.empty(), late);
    }
    GraphSplit split = GraphSplit.of(bundle.graph(), late);
    if (split.between().isEmpty()) {
      return new PolicySession(OnnxSession.open(bundle, options), Optional.empty(), late);
    }
    OnnxSession first = OnnxSession.open(bundle, split.early(), options);
    try {
      OnnxSession rest = OnnxSession.open(bundle, typed(split, first), options);
      return new PolicySession(rest, Optional.of(new First(first, split.between())), late);
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
  }

  /** The later part, whose inputs have the types of what the first one gives. */
  private static ModelProto typed(GraphSplit split, OnnxSession first) {
    ModelProto.Builder late = split.late().toBuilder();
    for (ValueInfoProto.Builder input : late.getGraphBuilder().getInputBuilderList()) {
      if (split.between().contains(input.getName())) {
        int type = first.outputType(input.getName()).onnxCode();
        input.setType(
            TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type)));
      }
    }
    return late.build();
  }

  /** A tensor on the memory of an array, which must outlive it. */
  OnnxTensor tensor(NdArray array) {
    return session.tensor(array);
  }

  String provider() {
    return session.provider();
  }

  /** One observation, for which the graph may run several times. */
  interface Seen extends AutoCloseable {
    /** Runs the graph with what its inputs hold now, those of the observation left as they were. */
    void run(Map<String, OnnxTensor> outputs);

    @Override
    void close();
  }

  /**
   * Takes in an observation.
   *
   * @param inputs of the whole graph, on buffers
   */
  Seen see(Map<String, OnnxTensor> inputs) {
    if (first.isEmpty()) {
      return new Whole(session, inputs);
    }
    Map<String, OnnxTensor> early = new HashMap<>(inputs);
    early.keySet().removeAll(late);
    OrtSession.Result result = first.get().session().run(early, first.get().between());
    Map<String, OnnxTensor> rest = new HashMap<>(inputs);
    rest.keySet().retainAll(late);
    for (Map.Entry<String, OnnxValue> value : result) {
      rest.put(value.getKey(), (OnnxTensor) value.getValue());
    }
    return new Parted(session, result, rest);
  }

  private record Whole(OnnxSession session, Map<String, OnnxTensor> inputs) implements Seen {
    @Override
    public void run(Map<String, OnnxTensor> outputs) {
      session.run(inputs, outputs);
    }

    @Override
    public void close() {}
  }

  private record Parted(
      OnnxSession session, OrtSession.Result result, Map<String, OnnxTensor> inputs)
      implements Seen {
    @Override
    public void run(Map<String, OnnxTensor> outputs) {
      session.run(inputs, outputs);
    }

    @Override
    public void close() {
      result.close();
    }
  }

  @Override
  public void close() {
    session.close();
    first.ifPresent(part -> part.session().close());
  }
}
