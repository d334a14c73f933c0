package dev.reverie.policy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Bindings of the graph to the world: of format 2.
 *
 * @param files ONNX files by their role: {@code act} alone, or {@code encode} and {@code step},
 *     which are one graph in two files
 * @param inputs what each input is bound to, in any order
 * @param outputs names of the graph's outputs by the head's word for them, such as {@code logits}
 */
public record GraphSpec(
    SortedMap<String, String> files,
    List<InputSpec> inputs,
    SortedMap<String, String> outputs,
    Actions actions) {
  /** Role of a graph that is whole. */
  public static final String ACT = "act";

  /** Role of the part that looks at the observation, once a chunk. */
  public static final String ENCODE = "encode";

  /** Role of the part that takes what {@code encode} gives, once a step. */
  public static final String STEP = "step";

  /** The spec of format 1, whose bindings its names tell. */
  static final GraphSpec FORMAT_1 =
      new GraphSpec(
          new TreeMap<>(Map.of(ACT, PolicyBundle.GRAPH)),
          List.of(),
          new TreeMap<>(),
          Actions.PLAIN);

  /** Checks roles and names. */
  public GraphSpec {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    inputs = List.copyOf(inputs);
    outputs = Collections.unmodifiableSortedMap(new TreeMap<>(outputs));
    Set<String> roles = files.keySet();
    if (!roles.equals(Set.of(ACT)) && !roles.equals(Set.of(ENCODE, STEP))) {
      throw new IllegalArgumentException(
          "graph files of the roles %s; give %s, or %s and %s".formatted(roles, ACT, ENCODE, STEP));
    }
    files.forEach((role, file) -> BundleSpec.requireFileName("graph.files." + role, file));
    if (Set.copyOf(files.values()).size() != files.size()) {
      throw new IllegalArgumentException(
          "graph files %s; give each role a file of its own".formatted(files));
    }
    BundleSpec.distinct("input", inputs.stream().map(InputSpec::name).toList());
    BundleSpec.distinct("output", List.copyOf(outputs.values()));
  }

  /** Returns whether it is told what is carried out while it makes a chunk. */
  public boolean hasActionPrefix() {
    return inputs.stream().anyMatch(InputSpec.ActionPrefix.class::isInstance);
  }

  /** Returns the name of an output. */
  public String output(String word) {
    return outputs.getOrDefault(word, word);
  }

  /**
   * The part of the graph's chunk, [K', D'], that the actions are, [K, D].
   *
   * @param skip rows before the first action, K' - K: those of a Diffusion Policy's chunk that
   *     belong to observations of the past
   * @param padTo D', where the graph has more values than an action; 0: D
   * @param normalise how actions became what the graph gives
   */
  public record Actions(int skip, int padTo, Normalisation normalise) {
    /** Actions in [-1, 1] and nothing else. */
    public static final Actions PLAIN = new Actions(0, 0, Normalisation.NONE);

    /** Checks the numbers. */
    public Actions {
      if (skip < 0 || skip > 10_000 || padTo < 0 || padTo > 65_536) {
        throw new IllegalArgumentException(
            "actions with skip %d and pad_to %d; give 0 to 10000 and 0 to 65536"
                .formatted(skip, padTo));
      }
    }
  }
}
