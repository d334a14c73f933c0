package dev.reverie.trainer.model;

import dev.reverie.policy.Buffers;
import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.nn.Check;
import dev.reverie.trainer.nn.Precision;
import dev.reverie.trainer.nn.SettingsText;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of a policy that is trained. Patterns are names of its weights in which {@code *} stands
 * for anything; what the bundle calls frozen never is, nor are running statistics and other
 * buffers.
 *
 * @param trained patterns of the weights that are trained; none: all, or the adapters alone where
 *     there are some
 * @param frozen patterns of weights that are not, whatever {@code trained} says
 * @param adapterRank rank of the adapters beside products with weights (LoRA, arXiv 2106.09685),
 *     merged into the weights when the bundle is written; 0: none. OpenVLA-OFT has 32
 * @param adapted patterns of the weights that have adapters; none: all that serve in products alone
 * @param frozenPrecision in which matrices are kept that are not trained, those beside adapters
 *     included; what is trained has 32 bits, and the bundle that is written has what was read
 */
public record TrainedPart(
    List<String> trained,
    List<String> frozen,
    int adapterRank,
    List<String> adapted,
    Precision frozenPrecision) {
  /** Components that came later. */
  private static final Set<String> LATER = Set.of("frozenPrecision");

  /** All of it. */
  public static final TrainedPart DEFAULT =
      new TrainedPart(List.of(), List.of(), 0, List.of(), Precision.FLOAT32);

  private static final Set<DType> FLOATS = Set.of(DType.F16, DType.BF16, DType.F32, DType.F64);

  public TrainedPart {
    trained = List.copyOf(trained);
    frozen = List.copyOf(frozen);
    adapted = List.copyOf(adapted);
    requireNames("policy.trained", trained);
    requireNames("policy.frozen", frozen);
    requireNames("policy.adapted", adapted);
    frozenPrecision.requireRange("policy.frozenPrecision");
    Check.that(
        adapterRank >= 0 && adapterRank <= Check.WIDEST,
        "policy.adapterRank",
        adapterRank,
        "0 to " + Check.WIDEST);
    Check.that(
        adapterRank > 0 || adapted.isEmpty(),
        "policy.adapted",
        adapted,
        "empty where policy.adapterRank is 0");
  }

  private static void requireNames(String name, List<String> patterns) {
    Check.that(
        patterns.stream().noneMatch(String::isBlank),
        name,
        patterns,
        "names of weights, none of them empty");
  }

  /**
   * The same, with a weight among what is trained.
   *
   * @throws TrainerException where {@code frozen} says that it is not
   */
  TrainedPart with(String name) {
    if (matches(frozen, name)) {
      throw new TrainerException(
          "policy.frozen is %s; '%s' has to be trained here".formatted(frozen, name));
    }
    if (trained.isEmpty() && adapterRank == 0) {
      return this;
    }
    List<String> more = new ArrayList<>(trained);
    more.add(name);
    return new TrainedPart(more, frozen, adapterRank, adapted, frozenPrecision);
  }

  /** The same, with the adapters that a bundle has, where the settings say none of their own. */
  TrainedPart orThatOf(ParameterSpec parameters) {
    return adapterRank > 0
        ? this
        : new TrainedPart(
            trained,
            frozen,
            parameters.adapters().rank(),
            parameters.adapters().weights(),
            frozenPrecision);
  }

  /** Returns whether a weight gets an adapter, if it can have one. */
  boolean adapts(String name) {
    return adapted.isEmpty() || matches(adapted, name);
  }

  /**
   * The float weights of a policy that get no gradient.
   *
   * @param withAdapter those that have an adapter
   * @throws TrainerException where a pattern fits no weight, or nothing is left to train
   */
  Set<String> untrained(PolicyBundle bundle, Set<String> withAdapter) {
    List<String> names =
        bundle.weights().entrySet().stream()
            .filter(weight -> FLOATS.contains(weight.getValue().type()))
            .map(weight -> weight.getKey())
            .toList();
    Stream.of(trained, frozen, adapted)
        .flatMap(List::stream)
        .forEach(pattern -> requireSome(pattern, names));
    Set<String> untrained = new HashSet<>(Buffers.of(bundle.graph().getGraph()));
    untrained.addAll(bundle.frozen());
    boolean all = trained.isEmpty() && adapterRank == 0;
    for (String name : names) {
      boolean wanted = (all || matches(trained, name)) && !matches(frozen, name);
      if (!wanted || withAdapter.contains(name)) {
        untrained.add(name);
      }
    }
    if (!equals(DEFAULT) && withAdapter.isEmpty() && untrained.containsAll(names)) {
      throw new TrainerException(
          "policy.trained %s, policy.frozen %s and policy.adapted %s leave nothing of the policy to train; its weights are %s"
              .formatted(trained, frozen, adapted, names));
    }
    return untrained;
  }

  /** Returns which of the untrained weights are kept in 16 bits: all but the small ones. */
  Set<String> half(PolicyBundle bundle, Set<String> untrained) {
    return frozenPrecision == Precision.FLOAT32
        ? Set.of()
        : untrained.stream()
            .filter(
                name -> {
                  NdArray weight = bundle.weights().get(name);
                  return weight != null && weight.type() == DType.F32 && weight.shape().length >= 2;
                })
            .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return SettingsText.of(this, DEFAULT, LATER);
  }

  private static void requireSome(String pattern, List<String> names) {
    if (names.stream().noneMatch(name -> matches(List.of(pattern), name))) {
      throw new TrainerException(
          "no weight of the policy fits the pattern '%s' of the settings policy; its weights are %s"
              .formatted(pattern, names));
    }
  }

  /** Returns whether one of the patterns fits a weight. */
  static boolean matches(List<String> patterns, String name) {
    return ParameterSpec.fits(patterns, name);
  }
}
