package dev.reverie.trainer.onnx;

import dev.reverie.policy.onnx.GraphProto;
import dev.reverie.policy.onnx.NodeProto;
import dev.reverie.policy.onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A graph prepared for running: values in numbered slots, constants folded, and each value closed
 * right after its last use, so that only what autograd keeps stays in memory.
 */
final class Program implements AutoCloseable {
  private static final int ABSENT = -1;

  private final List<String> inputs;
  private final Map<String, Integer> outputs = new LinkedHashMap<>();
  private final Map<String, Integer> slots = new HashMap<>();
  private final List<@Nullable Value> constants = new ArrayList<>();
  private final List<Tensor> owned = new ArrayList<>();
  private final Set<Integer> half = new HashSet<>(); // slots of weights in 16 bits
  private final UnaryOperator<Tensor> place;
  private List<Step> steps = new ArrayList<>();

  private record Step(Node node, Op op, int[] inputs, int[] outputs, int[] last) {}

  /**
   * Prepares a graph for running.
   *
   * @param initializers tensors by name, which the caller keeps alive
   * @param trainable those whose values may change between runs
   * @param storage how the initializers are kept
   */
  Program(
      GraphProto graph,
      Map<String, Tensor> initializers,
      Set<String> trainable,
      OnnxModule.Storage storage) {
    place = storage.place();
    storage.half().forEach(name -> half.add(slot(name)));
    inputs =
        graph.getInputList().stream()
            .map(ValueInfoProto::getName)
            .filter(name -> !initializers.containsKey(name))
            .toList();
    initializers.forEach((name, tensor) -> constants.set(slot(name), Value.of(tensor)));
    inputs.forEach(this::slot);
    Set<Integer> varying = new HashSet<>();
    trainable.forEach(name -> varying.add(slot(name)));
    inputs.forEach(name -> varying.add(slot(name)));
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      for (NodeProto proto : Fusion.of(graph)) {
        add(new Node(proto), varying);
      }
    }
    for (ValueInfoProto output : graph.getOutputList()) {
      outputs.put(output.getName(), known(output.getName(), "the graph's outputs"));
    }
    steps = withLastUses();
  }

  /** Is told what each node took and gave. */
  @FunctionalInterface
  interface Observer {
    void ran(Node node, NodeInputs in, List<Value> out);
  }

  /** Names of the values that it is given. */
  List<String> inputs() {
    return inputs;
  }

  /** Runs the graph; the results belong to the caller's scope. */
  Map<String, Tensor> run(Map<String, Tensor> given) {
    return run(given, (_, _, _) -> {});
  }

  /** The same before somebody's eyes. */
  Map<String, Tensor> run(Map<String, Tensor> given, Observer observer) {
    if (!given.keySet().equals(Set.copyOf(inputs))) {
      throw new OnnxException(
          "inputs %s were given; the graph takes %s".formatted(given.keySet(), inputs));
    }
    Map<String, Tensor> results = new LinkedHashMap<>();
    try (PointerScope _ = new PointerScope()) {
      @Nullable Value[] values = constants.toArray(new @Nullable Value[0]);
      given.forEach((name, tensor) -> values[known(name, "the caller")] = Value.of(tensor));
      for (Step step : steps) {
        run(step, values, observer);
      }
      outputs.forEach(
          (name, slot) -> {
            // A handle of its own, also where an output is an input or a constant.
            Tensor result = new Tensor(output(value(values, slot, name), name));
            result.retainReference();
            results.put(name, result);
          });
    }
    PointerScope outer = PointerScope.getInnerScope();
    if (outer != null) {
      results.values().forEach(outer::attach);
      results.values().forEach(Tensor::releaseReference);
    }
    return results;
  }

  @Override
  public void close() {
    owned.forEach(Tensor::releaseReference);
    owned.clear();
  }

  private void add(Node node, Set<Integer> varying) {
    int[] in =
        node.inputs().stream()
            .mapToInt(name -> name.isEmpty() ? ABSENT : known(name, node.toString()))
            .toArray();
    if (node.type().equals("Identity")) {
      slots.put(node.outputs().getFirst(), in[0]);
      return;
    }
    if (HalfWeights.keeps(node) && Arrays.stream(in).anyMatch(half::contains)) {
      half.add(slot(node.outputs().getFirst()));
    }
    Step step =
        new Step(
            node,
            HalfWeights.op(node, Arrays.stream(in).mapToObj(half::contains).toList()),
            in,
            node.outputs().stream().mapToInt(n -> n.isEmpty() ? ABSENT : slot(n)).toArray(),
            new int[0]);
    if (Arrays.stream(in).anyMatch(varying::contains)) {
      Arrays.stream(step.outputs).forEach(varying::add);
      steps.add(step);
    } else {
      fold(step);
    }
  }

  private void fold(Step step) {
    @Nullable Value[] values = constants.toArray(new @Nullable Value[0]);
    run(step, values, (_, _, _) -> {});
    for (int slot : step.outputs) {
      Value value = slot == ABSENT ? null : values[slot];
      if (value != null) {
        Value placed = value.map(place);
        placed.tensors().forEach(Tensor::retainReference);
        owned.addAll(placed.tensors());
        constants.set(slot, placed);
      }
    }
  }

  private static void run(Step step, @Nullable Value[] values, Observer observer) {
    @Nullable Value[] in = new @Nullable Value[step.inputs.length];
    for (int i = 0; i < in.length; i++) {
      in[i] = step.inputs[i] == ABSENT ? null : values[step.inputs[i]];
    }
    NodeInputs given = new NodeInputs(in);
    List<Value> out;
    try {
      out = step.op.run(given);
      observer.ran(step.node, given, out);
    } catch (OnnxException e) {
      throw new OnnxException("%s: %s".formatted(step.node, e.getMessage()), e);
    } catch (RuntimeException e) {
      // libtorch appends its C++ stack to the first line.
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new OnnxException(
          "%s with inputs %s cannot be run; give it types and shapes that go together (libtorch: %s)"
              .formatted(step.node, given, reason),
          e);
    }
    for (int i = 0; i < step.outputs.length; i++) {
      if (step.outputs[i] != ABSENT) {
        if (i >= out.size()) {
          throw new OnnxException(
              "%s: output %d is not supported; export the policy without it"
                  .formatted(step.node, i));
        }
        values[step.outputs[i]] = out.get(i);
      }
    }
    for (int slot : step.last) {
      value(values, slot, "").close();
      values[slot] = null;
    }
  }

  private List<Step> withLastUses() {
    Set<Integer> kept = new HashSet<>(outputs.values());
    inputs.forEach(name -> kept.add(slot(name)));
    for (int slot = 0; slot < constants.size(); slot++) {
      if (constants.get(slot) != null) {
        kept.add(slot);
      }
    }
    List<Step> result = new ArrayList<>();
    for (Step step : steps.reversed()) {
      int[] last =
          IntStream.concat(Arrays.stream(step.inputs), Arrays.stream(step.outputs))
              .filter(slot -> slot != ABSENT)
              .distinct()
              .filter(kept::add)
              .toArray();
      result.add(new Step(step.node, step.op, step.inputs, step.outputs, last));
    }
    return result.reversed();
  }

  private int slot(String name) {
    return slots.computeIfAbsent(
        name,
        _ -> {
          constants.add(null);
          return constants.size() - 1;
        });
  }

  private int known(String name, String user) {
    Integer slot = slots.get(name);
    if (slot == null) {
      throw new OnnxException(
          "%s uses '%s', which nothing before it computes".formatted(user, name));
    }
    return slot;
  }

  private static Value value(@Nullable Value[] values, int slot, String name) {
    Value value = values[slot];
    if (value == null) {
      throw new OnnxException("value '%s' was not computed".formatted(name));
    }
    return value;
  }

  private static Tensor output(Value value, String name) {
    if (value.isSequence()) {
      throw new OnnxException(
          "the graph's output '%s' is a sequence of tensors; give each as an output of its own"
              .formatted(name));
    }
    return value.tensor();
  }
}
