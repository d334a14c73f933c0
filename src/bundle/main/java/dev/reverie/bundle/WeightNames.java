package dev.reverie.bundle;

import dev.reverie.policy.Buffers;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds a graph's initializers in the state dict: by name, by name behind a prefix, or by value,
 * since exporters rename and transpose. What is not found is a constant.
 */
final class WeightNames {
  private static final Set<DType> QUANTISED = Set.of(DType.I8, DType.U8);

  private final ModelProto model;
  private final Map<String, NdArray> initializers;
  private final StateDict state;
  private final Map<String, Boolean> parameters; // as the exporter calls them
  private final Map<String, String> found = new LinkedHashMap<>();
  private final List<String> notices = new ArrayList<>();

  private WeightNames(ModelProto model, Map<String, NdArray> initializers, StateDict state) {
    this.model = model;
    this.initializers = initializers;
    this.state = state;
    parameters = Buffers.parameters(model.getGraph());
  }

  /**
   * Names of the state dict.
   *
   * @param found by the initializer's name, of those that are no constants; two initializers of one
   *     name are one weight
   * @param notices for people: what was renamed or tied
   */
  record Found(Map<String, String> found, List<String> notices) {}

  /**
   * Looks for the initializers of a graph.
   *
   * @param initializers the value of each
   * @throws BundleException where one has the name, and not the value, of a tensor, or is a
   *     parameter that the state dict lacks
   */
  static Found of(ModelProto model, Map<String, NdArray> initializers, StateDict state) {
    WeightNames names = new WeightNames(model, initializers, state);
    List<String> rest = names.byName();
    rest = names.byEnding(rest);
    names.byValue(rest);
    names.refuseMissing();
    return new Found(names.found, names.notices);
  }

  /** Returns the weights whose names are not there. */
  private List<String> byName() {
    List<String> rest = new ArrayList<>();
    initializers.forEach(
        (name, array) -> {
          if (!SameValues.isFloat(array) && !QUANTISED.contains(array.type())) {
            return; // numbers of the exporter, such as shapes
          }
          Optional<String> stored = state.stored(name);
          if (stored.isPresent()) {
            requireSame(name, array, stored.get());
            found.put(name, stored.get());
          } else {
            rest.add(name);
          }
        });
    return rest;
  }

  private void requireSame(String name, NdArray array, String stored) {
    NdArray there = tensor(stored);
    if (SameValues.same(array, there) || SameValues.transposed(array, there)) {
      return;
    }
    throw new BundleException(
        "'%s' is %s in the graph and %s in the state dict%s; export graph and state dict of one policy, in one state of training"
            .formatted(
                name,
                array,
                there,
                Arrays.equals(array.shape(), there.shape()) ? " with other values" : ""));
  }

  private NdArray tensor(String stored) {
    NdArray array = state.get(stored);
    if (array == null) {
      throw new IllegalStateException("'%s' was stored".formatted(stored));
    }
    return array;
  }

  /**
   * Returns the names by their endings: of a module inside of another one they have more before
   * them, or less.
   */
  private List<String> byEnding(List<String> names) {
    Map<String, List<String>> byLast = new HashMap<>();
    for (String stored : unused()) {
      byLast.computeIfAbsent(last(stored), _ -> new ArrayList<>()).add(stored);
    }
    List<String> rest = new ArrayList<>();
    for (String name : names) {
      NdArray array = value(name);
      Optional<String> best =
          byLast.getOrDefault(last(name), List.of()).stream()
              .filter(stored -> !found.containsValue(stored))
              .filter(stored -> isEnding(name, stored))
              .filter(stored -> SameValues.same(array, tensor(stored)))
              .max(Comparator.comparingInt(String::length));
      best.ifPresentOrElse(stored -> found.put(name, stored), () -> rest.add(name));
    }
    return rest;
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static boolean isEnding(String one, String other) {
    return one.endsWith("." + other) || other.endsWith("." + one);
  }

  private void byValue(List<String> names) {
    for (String name : names) {
      NdArray array = value(name);
      boolean telling = SameValues.isTelling(array);
      if (!telling && !parameters.getOrDefault(name, false)) {
        continue; // zeros or ones, which constants are too
      }
      Optional<String> used =
          telling ? find(array, new HashSet<>(found.values())) : Optional.empty();
      Optional<String> stored = used.or(() -> find(array, unused()));
      stored.ifPresent(
          is -> {
            found.put(name, is);
            notices.add(
                used.isPresent()
                    ? "'%s' is tied to '%s': one weight".formatted(name, is)
                    : "'%s' is '%s' of the state dict, by its values".formatted(name, is));
          });
    }
  }

  private Optional<String> find(NdArray array, Collection<String> among) {
    return among.stream()
        .filter(stored -> tensor(stored).elements() == array.elements())
        .filter(
            stored ->
                SameValues.same(array, tensor(stored))
                    || SameValues.transposed(array, tensor(stored)))
        .findFirst();
  }

  private List<String> unused() {
    Set<String> used = new HashSet<>(found.values());
    return state.tensors().keySet().stream().filter(name -> !used.contains(name)).toList();
  }

  private NdArray value(String name) {
    NdArray array = initializers.get(name);
    if (array == null) {
      throw new IllegalStateException("'%s' is an initializer".formatted(name));
    }
    return array;
  }

  private void refuseMissing() {
    for (String name : initializers.keySet()) {
      if (parameters.getOrDefault(name, false) && !found.containsKey(name)) {
        throw new BundleException(
            "the state dict lacks the parameter '%s' of the graph, %s, under any name; nearest: %s - write all of policy.state_dict()"
                .formatted(
                    name, initializers.get(name), NearestNames.of(name, state.tensors().keySet())));
      }
    }
    if (found.isEmpty()) {
      throw new BundleException(
          "none of the graph's %d initializers is in the state dict, by name or by value; export graph and state dict of one policy"
              .formatted(model.getGraph().getInitializerCount()));
    }
  }
}
