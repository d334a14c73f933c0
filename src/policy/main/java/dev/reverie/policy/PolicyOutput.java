package dev.reverie.policy;

import java.util.List;
import java.util.Map;

/**
 * The output of a policy for one observation.
 *
 * @param values by the output's name, row-major from [K, D] on: of K actions, of D values each. Of
 *     a head that denoises, {@code actions} that it comes to without noise
 */
public record PolicyOutput(
    HeadSpec head, Map<String, float[]> values, int horizon, int dimensions) {
  /** Name of the actions that a head gives, or comes to. */
  static final String ACTIONS = "actions";

  /** Checks that the values fill their shape. */
  public PolicyOutput {
    values = Map.copyOf(values);
    int bins = head instanceof HeadSpec.Tokens tokens ? tokens.bins() : 1;
    for (Map.Entry<String, float[]> value : values.entrySet()) {
      if (value.getValue().length != horizon * dimensions * bins) {
        throw new IllegalArgumentException(
            "%d %s do not fill %s"
                .formatted(
                    value.getValue().length,
                    value.getKey(),
                    bins == 1 ? List.of(horizon, dimensions) : List.of(horizon, dimensions, bins)));
      }
    }
  }

  /** The output of a head of tokens. */
  public PolicyOutput(float[] logits, int horizon, int dimensions, int bins) {
    this(HeadSpec.tokens(bins), Map.of("logits", logits), horizon, dimensions);
  }

  /** Logits of a head of tokens, [K, D, bins]. */
  public float[] logits() {
    return value("logits");
  }

  /** Bins of a head of tokens. */
  public int bins() {
    if (head instanceof HeadSpec.Tokens tokens) {
      return tokens.bins();
    }
    throw new IllegalStateException("a head without tokens has no bins");
  }

  /**
   * The distribution of a value of a head that has a normal one.
   *
   * @param index of it among the K * D of the chunk
   * @param temperature multiplies the variance
   */
  public Normal normal(int index, double temperature) {
    double mean;
    double sd;
    switch (head) {
      case HeadSpec.Regression regression -> {
        mean = finite(ACTIONS, index);
        sd = regression.noise().get(index % dimensions);
      }
      case HeadSpec.Gaussian _ -> {
        mean = finite("mean", index);
        double bounded =
            Math.clamp(
                finite("log_std", index),
                HeadSpec.Gaussian.LEAST_LOG_SD,
                HeadSpec.Gaussian.GREATEST_LOG_SD);
        sd = Math.exp(bounded);
      }
      default -> throw new IllegalStateException(head + " has no normal distribution");
    }
    return new Normal(mean, sd * Math.sqrt(temperature));
  }

  /** The actions without noise, in [-1, 1], [K, D]. */
  public float[] greedy() {
    return switch (head) {
      case HeadSpec.Tokens _ -> TokenSampler.sample(this, 0, () -> 0).actions();
      case DenoisingSpec _ -> value(ACTIONS);
      case HeadSpec.Regression _, HeadSpec.Gaussian _ ->
          NormalSampler.sample(this, 0, () -> 0).actions();
    };
  }

  private double finite(String name, int index) {
    float value = value(name)[index];
    if (!Float.isFinite(value)) {
      throw new IllegalStateException(
          "the policy's %s %d is %s; its weights or its input are broken"
              .formatted(name, index, value));
    }
    return value;
  }

  private float[] value(String name) {
    float[] found = values.get(name);
    if (found == null) {
      throw new IllegalStateException("the policy gave %s, no %s".formatted(values.keySet(), name));
    }
    return found;
  }
}
