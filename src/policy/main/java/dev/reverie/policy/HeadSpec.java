package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The last layer: what the graph gives for a chunk of K actions of D values, and how actions are
 * drawn from it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = HeadSpec.Tokens.class, name = "tokens"),
  @JsonSubTypes.Type(value = HeadSpec.Regression.class, name = "regression"),
  @JsonSubTypes.Type(value = HeadSpec.Gaussian.class, name = "gaussian"),
  @JsonSubTypes.Type(value = FlowSpec.class, name = "flow"),
  @JsonSubTypes.Type(value = DiffusionSpec.class, name = "diffusion"),
})
public sealed interface HeadSpec
    permits HeadSpec.Tokens, HeadSpec.Regression, HeadSpec.Gaussian, DenoisingSpec {
  /** A head of tokens. */
  static Tokens tokens(int bins) {
    return new Tokens(bins);
  }

  /**
   * The graph's outputs for a chunk.
   *
   * @return lengths behind the batch, by the output's name
   */
  Map<String, List<Long>> outputs(long horizon, long dimensions);

  /** Inputs of the graph that are others in each run for a chunk; none where it runs once. */
  default Set<String> lateInputs() {
    return Set.of();
  }

  /**
   * Refuses what does not fit the actions.
   *
   * @param dimensions D: values of one action
   */
  default void check(int dimensions) {}

  /**
   * Logits over bins with centres linspace(-1, 1, bins); each value's token is drawn by itself.
   *
   * @param bins of each value
   */
  record Tokens(int bins) implements HeadSpec {
    /** Checks that there are bins enough. */
    public Tokens {
      if (bins < 2) {
        throw new IllegalArgumentException("head with %d bins; give at least 2".formatted(bins));
      }
    }

    @Override
    public Map<String, List<Long>> outputs(long horizon, long dimensions) {
      return Map.of("logits", List.of(horizon, dimensions, (long) bins));
    }
  }

  /**
   * The actions themselves, with noise of a fixed size around them: a normal distribution whose
   * values beyond [-1, 1] are carried out, and count, as -1 and 1.
   *
   * @param noise standard deviation of each of the D values, of [-1, 1]
   */
  record Regression(List<Double> noise) implements HeadSpec {
    /** Checks that there is noise, by which the policy can explore. */
    public Regression {
      noise = List.copyOf(noise);
      if (noise.isEmpty() || noise.stream().anyMatch(sd -> !(sd > 0) || sd > 10)) {
        throw new IllegalArgumentException(
            "noise %s; give each value's standard deviation, above 0 and at most 10"
                .formatted(noise));
      }
    }

    @Override
    public Map<String, List<Long>> outputs(long horizon, long dimensions) {
      return Map.of("actions", List.of(horizon, dimensions));
    }

    @Override
    public void check(int dimensions) {
      if (noise.size() != dimensions) {
        throw new IllegalArgumentException(
            "head.noise has %d values, an action %d; give one for each"
                .formatted(noise.size(), dimensions));
      }
    }
  }

  /**
   * Mean and log of the standard deviation of each value: a normal distribution whose values beyond
   * [-1, 1] are carried out, and count, as -1 and 1. The log is bounded, since the density has no
   * bound of its own.
   */
  record Gaussian() implements HeadSpec {
    /** Bounds of the log of a standard deviation. */
    public static final double LEAST_LOG_SD = -5;

    public static final double GREATEST_LOG_SD = 2;

    @Override
    public Map<String, List<Long>> outputs(long horizon, long dimensions) {
      return Map.of("mean", List.of(horizon, dimensions), "log_std", List.of(horizon, dimensions));
    }
  }
}
