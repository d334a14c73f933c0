package dev.reverie.policy;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.HashMap;
import java.util.HashSet;
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
  private final OrtSession.RunOptions options; // of all runs, so that another thread can end them

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
    try {
      options = new OrtSession.RunOptions();
    } catch (OrtException e) {
      throw OnnxSession.failed(e);
    }
  }

  /**
   * Says whether a run that is under way, and all to come, end at their next node as failed. On any
   * thread, while the session is open.
   */
  void end(boolean soon) {
    try {
      options.setTerminate(soon);
    } catch (OrtException e) {
      throw OnnxSession.failed(e);
    }
  }

  /** Prepares the graph of a bundle. */
  static PolicySession open(PolicyBundle bundle, int threads, ExecutionProvider provider) {
    Set<String> late = bundle.lateInputs();
    if (late.isEmpty()) {
      return new PolicySession(
          OnnxSession.open(bundle, bundle.graph(), threads, provider), Optional.empty(), late);
    }
    GraphSplit split = GraphSplit.of(bundle.graph(), late, bundle.spec().head().carried().keySet());
    if (split.between().isEmpty()) {
      return new PolicySession(
          OnnxSession.open(bundle, bundle.graph(), threads, provider), Optional.empty(), late);
    }
    OnnxSession first = OnnxSession.open(bundle, split.early(), threads, provider);
    try {
      OnnxSession rest = OnnxSession.open(bundle, typed(split, first), threads, provider);
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

  /** Type of one of the graph's outputs. */
  DType outputType(String name) {
    return session.outputType(name);
  }

  ExecutionProvider provider() {
    return session.provider();
  }

  /** One observation, for which the graph may run several times. */
  interface Seen extends AutoCloseable {
    /** Runs the graph with what its inputs hold now, those of the observation left as they were. */
    void run(Map<String, OnnxTensor> outputs);

    /**
     * Begins runs of which each takes what the one before has kept.
     *
     * @param carried what goes in, and the output that goes in there at the next run
     */
    Steps steps(Map<String, String> carried);

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
      return new Whole(session, inputs, options);
    }
    Map<String, OnnxTensor> early = new HashMap<>(inputs);
    early.keySet().removeAll(late);
    OrtSession.Result result = first.get().session().run(early, first.get().between(), options);
    Map<String, OnnxTensor> rest = new HashMap<>(inputs);
    rest.keySet().retainAll(late);
    for (Map.Entry<String, OnnxValue> value : result) {
      rest.put(value.getKey(), (OnnxTensor) value.getValue());
    }
    return new Parted(session, result, rest, options);
  }

  private record Whole(
      OnnxSession session, Map<String, OnnxTensor> inputs, OrtSession.RunOptions options)
      implements Seen {
    @Override
    public void run(Map<String, OnnxTensor> outputs) {
      session.run(inputs, outputs, options);
    }

    @Override
    public Steps steps(Map<String, String> carried) {
      throw new IllegalStateException("a graph in one part keeps nothing: " + carried);
    }

    @Override
    public void close() {}
  }

  private record Parted(
      OnnxSession session,
      OrtSession.Result result,
      Map<String, OnnxTensor> inputs,
      OrtSession.RunOptions options)
      implements Seen {
    @Override
    public void run(Map<String, OnnxTensor> outputs) {
      session.run(inputs, outputs, options);
    }

    @Override
    public Steps steps(Map<String, String> carried) {
      return new Steps(session, new HashMap<>(inputs), carried, options);
    }

    @Override
    public void close() {
      result.close();
    }
  }

  /** Runs of the later part, each of which takes what the one before has kept. */
  static final class Steps implements AutoCloseable {
    private final OnnxSession session;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, String> carried;
    private final OrtSession.RunOptions options;
    private Optional<OrtSession.Result> last = Optional.empty();

    private Steps(
        OnnxSession session,
        Map<String, OnnxTensor> inputs,
        Map<String, String> carried,
        OrtSession.RunOptions options) {
      this.session = session;
      this.inputs = inputs;
      this.carried = carried;
      this.options = options;
    }

    /**
     * Runs it once.
     *
     * @param changed inputs that are others than at the last run
     * @param output that is asked for
     */
    NdArray next(Map<String, OnnxTensor> changed, String output) {
      inputs.putAll(changed);
      Set<String> wanted = new HashSet<>(carried.values());
      wanted.add(output);
      OrtSession.Result result = session.run(inputs, wanted, options);
      close(); // what it kept has been read
      last = Optional.of(result);
      carried.forEach((in, out) -> inputs.put(in, tensor(result, out)));
      return OnnxSession.array(tensor(result, output));
    }

    private static OnnxTensor tensor(OrtSession.Result result, String name) {
      return (OnnxTensor) result.get(name).orElseThrow();
    }

    @Override
    public void close() {
      last.ifPresent(OrtSession.Result::close);
      last = Optional.empty();
    }
  }

  @Override
  public void close() {
    session.close();
    first.ifPresent(part -> part.session().close());
    options.close();
  }
}
