package dev.reverie.trainer.onnx;

import dev.reverie.policy.GraphSplit;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.ModelProto;
import java.util.ArrayList;
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
 * <p>Parameters and constants live until {@link #close}, whatever scope is open, and no result of
 * {@link #forward} may be used after it, also not for gradients; everything that {@link #forward}
 * returns belongs to the caller's innermost {@code PointerScope}. Several threads may run {@link
 * #forward} at a time.
 *
 * <p>The graph runs as it was exported: without dropout, with frozen batch normalisation.
 */
public final class OnnxModule implements AutoCloseable {
  private final Weights weights;
  private final Program program;
  private final GraphProto graph;
  private final Storage storage;
  private final Optional<Parts> parts;
  private final List<Part> more = new ArrayList<>();

  private OnnxModule(
      GraphProto graph, Storage storage, Weights weights, Program program, Optional<Parts> parts) {
    this.graph = graph;
    this.storage = storage;
    this.weights = weights;
    this.program = program;
    this.parts = parts;
  }

  /** The graph in two, of which the first part does not depend on inputs that come late. */
  private record Parts(Program early, Program late) {}

  /** The policy of a bundle; what it calls frozen gets no gradient. */
  public static OnnxModule load(PolicyBundle bundle) {
    return load(bundle.graph(), bundle.weights(), bundle.frozen());
  }

  /**
   * A graph with its weights beside it.
   *
   * @param weights the value of each initializer that the graph does not hold itself
   * @param frozen float initializers that are no parameters; nor are {@link Buffers}
   */
  public static OnnxModule load(
      ModelProto model, Map<String, NdArray> weights, Set<String> frozen) {
    return load(model, weights, Storage.of(frozen), Set.of(), Set.of());
  }

  /**
   * The way in which initializers are kept.
   *
   * @param frozen float initializers that are no parameters
   * @param half those of them that are kept in 16 bits: products with them have 16 bits too, all
   *     else 32
   * @param place brings a tensor to where the graph runs
   */
  public record Storage(Set<String> frozen, Set<String> half, UnaryOperator<Tensor> place) {
    /** Keeps them as they are, on the CPU. */
    public static Storage of(Set<String> frozen) {
      return new Storage(frozen, Set.of(), tensor -> tensor);
    }
  }

  /**
   * A graph that runs several times for the same inputs but for some.
   *
   * @param late names of those that change, for {@link #begin}; none: it runs once
   * @param carried names of values that the first part gives, and that may be others in later runs
   */
  public static OnnxModule load(
      ModelProto model,
      Map<String, NdArray> weights,
      Storage storage,
      Set<String> late,
      Set<String> carried) {
    Opsets.check(model);
    Weights all = new Weights(model.getGraph(), weights, storage);
    try (PointerScope _ = new PointerScope()) {
      ModelProto graph = all.narrowed(model);
      Function<ModelProto, Program> prepared =
          part -> new Program(part.getGraph(), all.tensors(), all.parameters().keySet(), storage);
      return new OnnxModule(
          graph.getGraph(),
          storage,
          all,
          prepared.apply(graph),
          late.isEmpty()
              ? Optional.empty()
              : Optional.of(parts(GraphSplit.of(graph, late, carried), prepared)));
    } catch (RuntimeException e) {
      all.close();
      throw e;
    }
  }

  /**
   * Returns why nodes of a graph cannot be run: each operator with a reason, and of its nodes the
   * first.
   *
   * @return empty where all can, as far as their attributes tell
   */
  public static List<String> refusals(ModelProto model) {
    return Operators.refusals(model.getGraph());
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
   * @param late inputs, and what is carried from the run before
   * @return the graph's outputs by name
   */
  public Map<String, Tensor> finish(Map<String, Tensor> begun, Map<String, Tensor> late) {
    return parts.map(Parts::late).orElse(program).run(with(begun, late));
  }

  /** The trainable float initializers by name, in the order of the graph; change them in place. */
  public Map<String, Tensor> parameters() {
    return weights.parameters();
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
   * Returns what some of the outputs need, to run without the rest; of the same parameters.
   *
   * @param outputs names of those that it gives
   */
  public Part part(Set<String> outputs) {
    Part part =
        new Part(
            new Program(
                Subgraph.of(graph, outputs),
                weights.tensors(),
                weights.parameters().keySet(),
                storage));
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
   * The work of a node.
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

  private static Work work(Node node, NodeInputs in, List<Value> out) {
    List<Tensor> given = out.stream().flatMap(value -> value.tensors().stream()).toList();
    double made = given.stream().limit(1).mapToDouble(Tensor::numel).sum();
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
        given.stream().mapToDouble(tensor -> (double) tensor.numel() * tensor.element_size()).sum();
    return new Work(flops, bytes / Float.BYTES);
  }

  /** Bytes of all initializers as they are kept. */
  public double bytes() {
    return weights.bytes();
  }

  /**
   * All initializers as they are now, for {@link PolicyBundle#withWeights}: what was trained is
   * copied, outside of the heap; the rest is what the module was loaded from.
   */
  public Map<String, NdArray> weights() {
    return weights.arrays();
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
    weights.close();
  }
}
