package dev.reverie.policy;

import dev.reverie.policy.onnx.TensorShapeProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Types and shapes of a graph's inputs and outputs: as it has them, and as a spec asks for them.
 */
final class GraphValues {
  /** Stands for the batch in shapes. */
  private static final long BATCH = -1;

  /** Stands for a number of tokens; as the batch, it is symbolic. */
  private static final long ANY = -1;

  private GraphValues() {}

  /** A value as a graph has it. */
  record Value(DType type, List<Long> shape) {
    /** Returns whether it takes any number of observations at a time. */
    boolean isBatched() {
      return !shape.isEmpty() && shape.getFirst() == BATCH;
    }

    @Override
    public String toString() {
      return type + shape.toString().replace("-1", "batch");
    }
  }

  /**
   * A value as a spec asks for it.
   *
   * @param shape behind the batch
   * @param one whether a batch of 1 will do
   */
  record Wanted(Set<DType> types, List<Long> shape, boolean one) {
    boolean takes(Value value) {
      List<Long> any = new ArrayList<>(List.of(BATCH));
      any.addAll(shape);
      List<Long> single = new ArrayList<>(List.of(1L));
      single.addAll(shape);
      return types.contains(value.type)
          && (value.shape.equals(any) || (one && value.shape.equals(single)));
    }

    @Override
    public String toString() {
      List<String> lengths = new ArrayList<>(List.of(one ? "batch or 1" : "batch"));
      shape.forEach(length -> lengths.add(length == ANY ? "any" : length.toString()));
      List<String> names = new TreeSet<>(types).stream().map(DType::toString).toList();
      return String.join(" or ", names) + lengths;
    }
  }

  /** Reads what a graph says of a value. */
  static Value of(ValueInfoProto info) {
    TypeProto.Tensor tensor = info.getType().getTensorType();
    List<Long> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dimension : tensor.getShape().getDimList()) {
      shape.add(dimension.hasDimValue() ? dimension.getDimValue() : BATCH);
    }
    return new Value(DType.ofOnnx(tensor.getElemType()), shape);
  }

  /** A value with its name, for people. */
  static String told(ValueInfoProto info) {
    return info.getName() + "=" + of(info);
  }

  /** Returns what a spec asks of the graph's inputs, by name. */
  static Map<String, Wanted> inputs(BundleSpec spec, List<InputSpec> inputs) {
    Map<String, Wanted> wanted = new LinkedHashMap<>();
    for (InputSpec input : inputs) {
      boolean some = input instanceof InputSpec.ActionTokens && usesCache(spec);
      List<Long> shape = some ? List.of(ANY) : shape(spec, input);
      wanted.put(input.name(), new Wanted(Set.of(input.dtype()), shape, spec.format() > 1));
    }
    return wanted;
  }

  /** Returns whether the graph runs on all tokens of a chunk, or on any of them. */
  private static boolean usesCache(BundleSpec spec) {
    return spec.head() instanceof HeadSpec.Autoregressive head && head.hasCache();
  }

  /** Returns what a spec asks of the graph's outputs, by name. */
  static Map<String, Wanted> outputs(BundleSpec spec) {
    Set<DType> types = spec.format() > 1 ? InputSpec.FLOATS : Set.of(DType.F32);
    ChunkLayout chunk = ChunkLayout.sized(spec);
    Map<String, Wanted> wanted = new LinkedHashMap<>();
    spec.head()
        .outputs(chunk.rows(), chunk.width())
        .forEach(
            (word, shape) -> {
              List<Long> lengths = usesCache(spec) ? List.of(ANY, shape.getLast()) : shape;
              wanted.put(spec.graph().output(word), new Wanted(types, lengths, spec.format() > 1));
            });
    return wanted;
  }

  /** Lengths of an input behind the batch. */
  static List<Long> shape(BundleSpec spec, InputSpec input) {
    ChunkLayout chunk = ChunkLayout.sized(spec);
    List<Long> whole = List.of((long) chunk.rows(), (long) chunk.width());
    long length = spec.language().length();
    return switch (input) {
      case InputSpec.Camera camera -> pictures(spec, camera);
      case InputSpec.Joints joints -> {
        List<Long> shape = new ArrayList<>(time(joints.history()));
        shape.add((long) Math.max(spec.jointNames().size(), joints.padTo()));
        yield shape;
      }
      case InputSpec.LanguageIds _, InputSpec.LanguageMask _ -> List.of(length);
      case InputSpec.Noise _, InputSpec.Chunk _, InputSpec.ActionPrefix _ -> whole;
      case InputSpec.Time _, InputSpec.ActionPrefixLength _ -> List.of();
      case InputSpec.ActionTokens _ -> List.of((long) chunk.rows() * chunk.width());
    };
  }

  private static List<Long> pictures(BundleSpec spec, InputSpec.Camera input) {
    BundleSpec.Camera camera =
        spec.cameras().stream()
            .filter(known -> known.name().equals(input.cameras().getFirst()))
            .findFirst()
            .orElseThrow(); // the spec was checked
    List<Long> shape = new ArrayList<>(time(input.history()));
    if (input.cameras().size() > 1) {
      shape.add((long) input.cameras().size());
    }
    List<Long> axes = List.of((long) camera.height(), (long) camera.width());
    shape.addAll(axes);
    shape.add(input.layout() == InputSpec.Layout.NHWC ? shape.size() : shape.size() - 2, 3L);
    return shape;
  }

  private static List<Long> time(InputSpec.History history) {
    return history.observations() == 0
        ? Collections.emptyList()
        : List.of((long) history.observations());
  }
}
