package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

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
  @JsonSubTypes.Type(value = HeadSpec.Autoregressive.class, name = "autoregressive"),
})
public sealed interface HeadSpec
    permits HeadSpec.Binned, HeadSpec.Regression, HeadSpec.Gaussian, DenoisingSpec {
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

  /** Its kind, as files have it. */
  default String word() {
    return Stream.of(HeadSpec.class.getAnnotation(JsonSubTypes.class).value())
        .filter(kind -> kind.value() == getClass())
        .map(JsonSubTypes.Type::name)
        .findFirst()
        .orElseThrow();
  }

  /**
   * Returns what its graph keeps from run to run, by the name that goes in: the name that comes
   * out.
   */
  default Map<String, String> carried() {
    return this instanceof Autoregressive head ? head.cache().values() : Map.of();
  }

  /**
   * Refuses what does not fit the actions.
   *
   * @param dimensions D: values of one action
   */
  default void check(int dimensions) {}

  /** Logits over bins with centres linspace(-1, 1, bins). */
  sealed interface Binned extends HeadSpec permits Tokens, Autoregressive {
    /** Bins of each value. */
    int bins();

    @Override
    default Map<String, List<Long>> outputs(long horizon, long dimensions) {
      return Map.of("logits", List.of(horizon, dimensions, (long) bins()));
    }
  }

  /** Each value's token is drawn by itself. */
  record Tokens(int bins) implements Binned {
    /** Checks that there are bins enough. */
    public Tokens {
      requireBins(bins);
    }
  }

  /**
   * One token after the other is drawn, row by row: the graph takes those that are drawn so far,
   * and logits of a value depend on the tokens of those before it alone. It runs once a value: on
   * all tokens, or with a cache on the newest one.
   *
   * @param firstToken what the graph takes for bin 0
   * @param tokenStep from a bin's token to the next one's: 1, or -1 where they fall, as OpenVLA's
   *     do
   * @param cache files may leave it out, then there is none
   */
  record Autoregressive(
      int bins,
      long firstToken,
      int tokenStep,
      @JacksonInject(value = "cache", useInput = OptBoolean.TRUE)
          @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Cache.Unused.class)
          Cache cache)
      implements Binned {
    /** One without a cache. */
    public Autoregressive(int bins, long firstToken, int tokenStep) {
      this(bins, firstToken, tokenStep, Cache.NONE);
    }

    /** Checks that each bin has a token. */
    public Autoregressive {
      requireBins(bins);
      if (Math.abs(tokenStep) != 1 || firstToken < 0 || firstToken + (bins - 1L) * tokenStep < 0) {
        throw new IllegalArgumentException(
            "head of %d bins with first_token %d, token_step %d; give a step of 1 or -1, and tokens from 0 on"
                .formatted(bins, firstToken, tokenStep));
      }
    }

    /**
     * Returns whether the graph takes the tokens before a value, the first of them a token of its
     * own.
     */
    public boolean hasCache() {
      return !cache.values().isEmpty();
    }

    /** Logits of each value; with a cache those of as many values as tokens went in. */
    @Override
    public Map<String, List<Long>> outputs(long horizon, long dimensions) {
      return hasCache()
          ? Map.of("logits", List.of(horizon * dimensions, (long) bins))
          : Binned.super.outputs(horizon, dimensions);
    }

    /** Token of a bin. */
    public long token(int bin) {
      return firstToken + (long) bin * tokenStep;
    }
  }

  /**
   * A cache of the tokens that a graph has seen, such as keys and values of its attention.
   *
   * @param beginToken goes in before the token of the first value
   * @param values what goes into {@code step}, by name, and the output that is to go in there at
   *     the next run; at the first it is what {@code encode} gives
   */
  record Cache(long beginToken, SortedMap<String, String> values) {
    /** No cache. */
    public static final Cache NONE = new Cache(0, new TreeMap<>());

    /** Checks token and names. */
    public Cache {
      values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
      if (beginToken < 0 || (values.isEmpty() && beginToken != 0)) {
        throw new IllegalArgumentException(
            "head.cache with begin_token %d and %d values; give a token from 0 on and the names of what is kept, or leave the cache out"
                .formatted(beginToken, values.size()));
      }
      BundleSpec.distinct("value of head.cache", List.copyOf(values.values()));
    }

    /** Equals what files leave out. */
    static final class Unused {
      @Override
      public boolean equals(Object other) {
        return NONE.equals(other);
      }

      @Override
      public int hashCode() {
        return 0;
      }
    }
  }

  private static void requireBins(int bins) {
    if (bins < 2) {
      throw new IllegalArgumentException("head with %d bins; give at least 2".formatted(bins));
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
