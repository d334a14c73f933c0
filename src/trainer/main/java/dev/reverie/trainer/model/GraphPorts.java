package dev.reverie.trainer.model;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.TensorProto;
import dev.reverie.policy.onnx.TensorShapeProto;
import dev.reverie.policy.onnx.TypeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import dev.reverie.trainer.onnx.OnnxModule;
import dev.reverie.trainer.onnx.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * The ports of a network of the user's own: what it is given, and what it has to give.
 *
 * @param inputs that there are; a graph has the needed ones and some of the others
 * @param outputs that there have to be
 */
record GraphPorts(List<Port> inputs, List<Port> outputs) {
  private static final String PAGE = "docs/format-models.md";

  /** Samples that the graph is tried with: one alone would not show a batch that is built in. */
  private static final long[] TRIED = {3, 2};

  /**
   * A value by name; the batch comes before its shape.
   *
   * @param needed whether a graph must have it
   * @param largest value of integers, for the trial
   */
  record Port(String name, DType type, boolean needed, long largest, List<Long> shape) {
    static Port needed(String name, long... shape) {
      return new Port(name, DType.F32, true, 0, Arrays.stream(shape).boxed().toList());
    }

    static Port wanted(String name, boolean needed, long... shape) {
      return new Port(name, DType.F32, needed, 0, Arrays.stream(shape).boxed().toList());
    }

    static Port index(String name, boolean needed, long count) {
      return new Port(name, DType.I64, needed, count - 1, List.of());
    }

    private Tensor trial(long batch) {
      long[] whole = new long[shape.size() + 1];
      Arrays.setAll(whole, i -> i == 0 ? batch : shape.get(i - 1));
      return type == DType.I64
          ? Tensors.of(NdArray.of(filled(batch), batch))
          : Torch.full(0, whole);
    }

    private long[] filled(long batch) {
      long[] values = new long[(int) batch];
      Arrays.fill(values, largest);
      return values;
    }

    @Override
    public String toString() {
      return "'%s' %s%s".formatted(name, type, text(shape));
    }
  }

  /**
   * Compares with what the graph declares.
   *
   * @throws TrainerException naming what differs
   */
  void check(GraphProto graph) {
    Set<String> weights =
        graph.getInitializerList().stream().map(TensorProto::getName).collect(Collectors.toSet());
    List<ValueInfoProto> taken =
        graph.getInputList().stream().filter(i -> !weights.contains(i.getName())).toList();
    check("input", taken, inputs, true);
    check("output", graph.getOutputList(), outputs, false);
  }

  private static void check(
      String what, List<ValueInfoProto> declared, List<Port> ports, boolean noOthers) {
    Map<String, ValueInfoProto> all = new HashMap<>();
    declared.forEach(info -> all.put(info.getName(), info));
    for (Port port : ports) {
      ValueInfoProto info = all.remove(port.name);
      if (info != null) {
        check(what, info, port);
      } else if (port.needed) {
        throw new TrainerException(
            "it has no %s %s, only %s; give it that name when it is exported (%s)"
                .formatted(what, port, names(declared), PAGE));
      }
    }
    if (noOthers && !all.isEmpty()) {
      throw new TrainerException(
          "nobody gives it the %s %s; what there is with these settings is %s (%s)"
              .formatted(what, all.keySet(), ports, PAGE));
    }
  }

  private static void check(String what, ValueInfoProto info, Port port) {
    TypeProto.Tensor tensor = info.getType().getTensorType();
    if (tensor.getElemType() != port.type.onnxCode()) {
      throw new TrainerException(
          "its %s '%s' is of type %s, and must be %s"
              .formatted(what, port.name, DType.ofOnnx(tensor.getElemType()), port));
    }
    if (!tensor.hasShape()) {
      return; // the trial tells
    }
    List<TensorShapeProto.Dimension> lengths = tensor.getShape().getDimList();
    boolean same = lengths.size() == port.shape.size() + 1;
    for (int i = 1; same && i < lengths.size(); i++) {
      same = !lengths.get(i).hasDimValue() || lengths.get(i).getDimValue() == port.shape.get(i - 1);
    }
    if (!same) {
      throw new TrainerException(
          "its %s '%s' is %s, and must be %s with these settings (%s)"
              .formatted(what, port.name, declared(lengths), port, PAGE));
    }
    if (lengths.getFirst().hasDimValue()) {
      throw new TrainerException(
          "its %s '%s' has a batch of %d for ever; export it with a batch of any size (dynamic_shapes)"
              .formatted(what, port.name, lengths.getFirst().getDimValue()));
    }
  }

  /**
   * Runs the graph on zeros and looks at what it gives.
   *
   * @throws TrainerException where that has another shape, or no weight has a part in it
   */
  void run(OnnxModule module) {
    for (long batch : TRIED) {
      try (PointerScope _ = new PointerScope()) {
        Map<String, Tensor> results = module.forward(zeros(module, batch));
        List<Port> there = outputs.stream().filter(p -> results.containsKey(p.name)).toList();
        there.forEach(port -> check(port, batch, Torch.required(results, port.name)));
        if (there.stream().noneMatch(p -> Torch.required(results, p.name).requires_grad())) {
          throw new TrainerException(
              "no weight that learns has a part in what it gives; freeze fewer, or export it with its parameters");
        }
      }
    }
  }

  /** Values for those of the inputs that the graph has. */
  Map<String, Tensor> zeros(OnnxModule module, long batch) {
    Map<String, Tensor> zeros = new HashMap<>();
    inputs.stream()
        .filter(port -> module.inputs().contains(port.name))
        .forEach(port -> zeros.put(port.name, Compute.onDevice(port.trial(batch))));
    return zeros;
  }

  private static void check(Port port, long batch, Tensor result) {
    List<Long> wanted = new ArrayList<>(List.of(batch));
    wanted.addAll(port.shape);
    List<Long> got = Arrays.stream(Torch.shape(result)).boxed().toList();
    if (!got.equals(wanted)) {
      throw new TrainerException(
          "it gives '%s' of shape %s for a batch of %d, and must give %s (%s)"
              .formatted(port.name, got, batch, port, PAGE));
    }
  }

  private static List<String> names(List<ValueInfoProto> infos) {
    return infos.stream().map(ValueInfoProto::getName).toList();
  }

  private static String declared(List<TensorShapeProto.Dimension> lengths) {
    return lengths.stream()
        .map(l -> l.hasDimValue() ? Long.toString(l.getDimValue()) : "any")
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String text(List<Long> shape) {
    return shape.stream()
        .map(length -> ", " + length)
        .collect(Collectors.joining("", "[batch", "]"));
  }
}
