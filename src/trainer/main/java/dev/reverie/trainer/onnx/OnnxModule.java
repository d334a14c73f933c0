package dev.reverie.trainer.onnx;

import dev.reverie.policy.GraphSplit;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.policy.onnx.OperatorSetIdProto;
import dev.reverie.policy.onnx.TensorProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * An ONNX graph as a trainable network on libtorch: forward in eager mode, gradients by autograd.
 *
 * <pre>{@code
 * try (OnnxModule policy = OnnxModule.load(bundle)) {
 *   try (PointerScope step = new PointerScope()) {
 *     Tensor logits = policy.forward(inputs).get("logits"); // lives until the scope ends
 *     ...
 *   }
 *   bundle.withWeights(policy.weights()).save(folder);
 * }
 * }</pre>
 *
 * <p>Parameters and constants live until {@link #close}, whatever scope is open; everything that
 * {@link #forward} returns belongs to the caller's innermost {@code PointerScope}. Several threads
 * may run {@link #forward} at a time.
 *
 * <p>The graph runs as it was exported: without dropout, with frozen batch normalisation.
 */
public final class OnnxModule implements AutoCloseable {
  private static final long OLDEST_OPSET = 13;
  private static final long NEWEST_OPSET = 28; // of onnx 1.23.2, whose node tests pass

  private final Map<String, Tensor> initializers;
  private final Map<String, NdArray> rounded; // as they were, of those that are kept in 16 bits
  private final Map<String, Tensor> parameters;
  private final Program program;
  private final GraphProto graph;
  private final Storage storage;
  private final Optional<Parts> parts;
  private final List<Part> more = new ArrayList<>();

  private OnnxModule(
      GraphProto graph,
      Storage storage,
      Map<String, Tensor> initializers,
      Map<String, NdArray> rounded,
      Map<String, Tensor> parameters,
      Program program,
      Optional<Parts> parts) {
    this.graph = graph;
    this.storage = storage;
    this.initializers = initializers;
    this.rounded = rounded;
    this.parameters = parameters;
    this.program = program;
    this.parts = parts;
  }

  /** The graph in two, of which the first part does not depend on inputs that come late. */
  private record Parts(Program early, Program late) {}

  /** The policy of a bundle; what its spec calls frozen gets no gradient. */
  public static OnnxModule load(PolicyBundle bundle) {
    return load(bundle.graph(), bundle.weights(), Set.copyOf(bundle.spec().frozen()));
  }

  /**
   * A graph with its weights beside it.
   *
   * @param weights the value of each initializer that the graph does not hold itself
   * @param frozen float initializers that are no parameters
   */
  public static OnnxModule load(
      ModelProto model, Map<String, NdArray> weights, Set<String> frozen) {
    return load(model, weights, Storage.of(frozen), Set.of());
  }

  /**
   * How initializers are kept.
   *
   * @param frozen float initializers that are no parameters
   * @param half those of them that are kept in 16 bits: products with them have 16 bits too, all
   *     else 32
   * @param place brings a tensor to where the graph runs
   */
  public record Storage(Set<String> frozen, Set<String> half, UnaryOperator<Tensor> place) {
    /** As they are, on the CPU. */
    public static Storage of(Set<String> frozen) {
      return new Storage(frozen, Set.of(), tensor -> tensor);
    }

    private Tensor kept(String name, NdArray array) {
      Tensor tensor = Tensors.of(array);
      return place.apply(half.contains(name) ? tensor.to(ScalarType.BFloat16) : tensor);
    }
  }

  /**
   * A graph that runs several times for the same inputs but for some.
   *
   * @param late names of those that change, for {@link #begin}; none: it runs once
   */
  public static OnnxModule load(
      ModelProto model, Map<String, NdArray> weights, Storage storage, Set<String> late) {
    checkOpset(model);
    Map<String, Tensor> initializers = new LinkedHashMap<>();
    Map<String, NdArray> rounded = new LinkedHashMap<>();
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    try (PointerScope _ = new PointerScope()) {
      for (TensorProto proto : model.getGraph().getInitializerList()) {
        String name = proto.getName();
        NdArray given = weights.get(name);
        NdArray array = given == null ? Node.array(proto) : given;
        Tensor tensor = kept(storage, name, array);
        initializers.put(name, tensor);
        if (storage.half.contains(name)) {
          rounded.put(name, array);
        }
        if (tensor.is_floating_point() && !storage.frozen.contains(name)) {
          tensor.set_requires_grad(true);
          parameters.put(name, tensor);
        }
      }
      Function<ModelProto, Program> prepared =
          graph -> new Program(graph.getGraph(), initializers, parameters.keySet(), storage);
      return new OnnxModule(
          model.getGraph(),
          storage,
          initializers,
          rounded,
          Collections.unmodifiableMap(parameters),
          prepared.apply(model),
          late.isEmpty()
              ? Optional.empty()
              : Optional.of(parts(GraphSplit.of(model, late), prepared)));
    }
  }

  /** A tensor of its own, in a scope that frees what it is made from. */
  private static Tensor kept(Storage storage, String name, NdArray array) {
    try (PointerScope _ = new PointerScope()) {
      Tensor tensor = storage.kept(name, array);
      tensor.retainReference();
      return tensor;
    }
  }

  private static Parts parts(GraphSplit split, Function<ModelProto, Program> prepared) {
    return new Parts(prepared.apply(split.early()), prepared.apply(split.late()));
  }

  /**
   * Runs what does not depend on the late inputs; without any, nothing.
   *
   * @param inputs of the graph but for the late ones
   * @return what {@link #finish} needs of it, as long as the caller's scope is open
   */
  public Map<String, Tensor> begin(Map<String, Tensor> inputs) {
    return parts.map(two -> two.early.run(inputs)).orElse(inputs);
  }

  /**
   * Runs the rest, as often as one likes.
   *
   * @param begun by {@link #begin}
   * @return the graph's outputs by name
   */
  public Map<String, Tensor> finish(Map<String, Tensor> begun, Map<String, Tensor> late) {
    return parts.map(Parts::late).orElse(program).run(with(begun, late));
  }

  /** The trainable float initializers by name, in the order of the graph; change them in place. */
  public Map<String, Tensor> parameters() {
    return parameters;
  }

  /** Names of the graph's inputs. */
  public List<String> inputs() {
    return program.inputs();
  }

  /**
   * Runs the graph.
   *
   * @param inputs one tensor for each graph input. Images may be float32 in [0, 255] instead of
   *     uint8 where they come from the world model or carry augmentation noise.
   * @return the graph's outputs by name
   */
  public Map<String, Tensor> forward(Map<String, Tensor> inputs) {
    return program.run(inputs);
  }

  /** The same that tells the work of each node. */
  public Map<String, Tensor> forward(Map<String, Tensor> inputs, Consumer<Work> counted) {
    return program.run(inputs, telling(counted));
  }

  /** Runs the graph for one of its outputs. */
  public Tensor forward(Map<String, Tensor> inputs, String output) {
    Tensor result = forward(inputs).get(output);
    if (result == null) {
      throw new OnnxException("the graph has no output '%s'".formatted(output));
    }
    return result;
  }

  /**
   * What some of the outputs need, to run without the rest; of the same parameters.
   *
   * @param outputs names of those that it gives
   */
  public Part part(Set<String> outputs) {
    Part part =
        new Part(
            new Program(Subgraph.of(graph, outputs), initializers, parameters.keySet(), storage));
    more.add(part);
    return part;
  }

  /** A part of the graph, as long as the module is open. */
  public static final class Part {
    private final Program program;

    private Part(Program program) {
      this.program = program;
    }

    /** Names of the inputs that it depends on. */
    public List<String> inputs() {
      return program.inputs();
    }

    /** Runs it on those. */
    public Map<String, Tensor> run(Map<String, Tensor> inputs) {
      return program.run(inputs);
    }

    /** The same that tells the work of each node. */
    public Map<String, Tensor> run(Map<String, Tensor> inputs, Consumer<Work> counted) {
      return program.run(inputs, telling(counted));
    }
  }

  /**
   * What a node does and gives.
   *
   * @param flops of products of matrices and convolutions, a multiplication and an addition being
   *     two
   * @param numbers of 4 bytes that it gives
   */
  public record Work(double flops, double numbers) {}

  /** {@link #begin} that tells the work of each node. */
  public Map<String, Tensor> begin(Map<String, Tensor> inputs, Consumer<Work> counted) {
    return parts.map(two -> two.early.run(inputs, telling(counted))).orElse(inputs);
  }

  /** {@link #finish} that tells the work of each node. */
  public Map<String, Tensor> finish(
      Map<String, Tensor> begun, Map<String, Tensor> late, Consumer<Work> counted) {
    return parts.map(Parts::late).orElse(program).run(with(begun, late), telling(counted));
  }

  private static Map<String, Tensor> with(Map<String, Tensor> some, Map<String, Tensor> more) {
    Map<String, Tensor> all = new LinkedHashMap<>(some);
    all.putAll(more);
    return all;
  }

  private static Program.Observer telling(Consumer<Work> counted) {
    return (node, in, out) -> counted.accept(work(node, in, out));
  }

  private static Work work(Node node, NodeInputs in, List<Tensor> out) {
    double made = out.getFirst().numel();
    double flops =
        switch (node.type()) {
          case "Gemm" -> 2.0 * made * in.get(0).size(node.flag("transA", false) ? 0 : 1);
          case "MatMul" -> 2.0 * made * in.get(0).size(-1);
          case "Conv" -> 2.0 * made * in.get(1).numel() / in.get(1).size(0);
          case "ConvTranspose" -> 2.0 * in.get(0).numel() * in.get(1).numel() / in.get(1).size(0);
          case "Attention" -> 4.0 * in.get(0).numel() * in.get(1).size(-2);
          default -> 0;
        };
    double bytes =
        out.stream().mapToDouble(tensor -> (double) tensor.numel() * tensor.element_size()).sum();
    return new Work(flops, bytes / Float.BYTES);
  }

  /** Bytes of all initializers as they are kept. */
  public double bytes() {
    return initializers.values().stream()
        .mapToDouble(tensor -> (double) tensor.numel() * tensor.element_size())
        .sum();
  }

  /** A copy of all initializers, for {@link PolicyBundle#withWeights}. */
  public Map<String, NdArray> weights() {
    try (PointerScope _ = new PointerScope()) {
      Map<String, NdArray> weights = new LinkedHashMap<>();
      initializers.forEach(
          (name, tensor) -> {
            NdArray before = rounded.get(name);
            weights.put(name, before == null ? Tensors.array(tensor) : before);
          });
      return weights;
    }
  }

  /** Frees parameters and constants; the module cannot be used afterwards. */
  @Override
  public void close() {
    program.close();
    more.forEach(part -> part.program.close());
    parts.ifPresent(
        two -> {
          two.early.close();
          two.late.close();
        });
    initializers.values().forEach(Tensor::releaseReference);
    initializers.clear();
  }

  private static void checkOpset(ModelProto model) {
    for (OperatorSetIdProto opset : model.getOpsetImportList()) {
      long version = opset.getVersion();
      if (opset.getDomain().isEmpty() && (version < OLDEST_OPSET || version > NEWEST_OPSET)) {
        throw new OnnxException(
            "the graph has opset %d; export it with opset %d to %d"
                .formatted(version, OLDEST_OPSET, NEWEST_OPSET));
      }
    }
  }
}
