package dev.reverie.policy;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of the weights that is trained. Patterns are names in which {@code *} stands for
 * anything. What no pattern of {@code trained} fits is frozen, as buffers are; so are, whatever
 * patterns say, tensors that normalise, constants inside of the graph, and what is no float.
 *
 * @param frozen patterns of weights that are not trained, whatever {@code trained} says
 */
public record ParameterSpec(List<String> trained, List<String> frozen, Adapters adapters) {
  /** Copies the lists. */
  public ParameterSpec {
    trained = List.copyOf(trained);
    frozen = List.copyOf(frozen);
    requireNames("trained", trained);
    requireNames("frozen", frozen);
  }

  /** All but some, by their names. */
  static ParameterSpec allBut(List<String> frozen) {
    return new ParameterSpec(List.of("*"), frozen, Adapters.NONE);
  }

  /** Returns whether a weight may be trained. */
  boolean trains(String name) {
    return fits(trained, name) && !fits(frozen, name);
  }

  /**
   * Adapters beside products with weights (LoRA, arXiv 2106.09685), where the trainer's settings
   * say none.
   *
   * @param rank 0: none
   * @param weights patterns of the weights that have one; none: all that serve in products alone
   */
  public record Adapters(int rank, List<String> weights) {
    /** No adapters. */
    public static final Adapters NONE = new Adapters(0, List.of());

    /** Checks that patterns have a rank. */
    public Adapters {
      weights = List.copyOf(weights);
      requireNames("adapters.weights", weights);
      if (rank < 0 || rank > 65_536 || (rank == 0 && !weights.isEmpty())) {
        throw new IllegalArgumentException(
            "adapters of rank %d for %s; give a rank of 1 to 65536, or 0 and no weights"
                .formatted(rank, weights));
      }
    }
  }

  /** Returns whether one of the patterns fits a name. */
  public static boolean fits(List<String> patterns, String name) {
    return patterns.stream().anyMatch(pattern -> name.matches(expression(pattern)));
  }

  private static String expression(String pattern) {
    return Stream.of(pattern.split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining(".*"));
  }

  /** Refuses patterns that fit none of the names. */
  void requireSome(Set<String> names) {
    Stream.of(trained, frozen, adapters.weights())
        .flatMap(List::stream)
        .filter(pattern -> !pattern.equals("*"))
        .filter(pattern -> names.stream().noneMatch(name -> fits(List.of(pattern), name)))
        .findFirst()
        .ifPresent(
            pattern -> {
              throw new BundleException(
                  "parameters name '%s', which fits no initializer of the graph; there are %s"
                      .formatted(pattern, names));
            });
  }

  private static void requireNames(String what, List<String> patterns) {
    if (patterns.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "%s %s; give names of weights, none of them empty".formatted(what, patterns));
    }
  }
}
