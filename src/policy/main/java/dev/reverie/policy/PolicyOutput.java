package dev.reverie.policy;

import java.util.List;
import java.util.Map;

/**
 * The output of a policy for one observation.
 *
 * @param values by the head's word for them, row-major from [K, D] on: of K actions, of D values
 *     each. Of a head that denoises, {@code actions} that it comes to without noise
 * @param layout of the graph's chunk, which says what tokens mean; all else is in [-1, 1] already
 */
public record PolicyOutput(HeadSpec head, Map<String, float[]> values, ChunkLayout layout) {
  /** Name of the actions that a head gives, or comes to. */
  static final String ACTIONS = "actions";

  /** Name of the log of standard deviations that a head gives. */
  static final String LOG_SD = "log_std";

  /** Name of the logits that a head gives. */
  static final String LOGITS = "logits";

  /** Checks that the values fill their shape. */
  public PolicyOutput {
    values = Map.copyOf(values);
    int bins = head instanceof HeadSpec.Binned binned ? binned.bins() : 1;
    int horizon = layout.horizon();
    int dimensions = layout.dimensions();
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
    this(HeadSpec.tokens(bins), Map.of(LOGITS, logits), ChunkLayout.plain(horizon, dimensions));
  }

  /** The output of a head whose actions are in [-1, 1] and nothing else. */
  public PolicyOutput(HeadSpec head, Map<String, float[]> values, int horizon, int dimensions) {
    this(head, values, ChunkLayout.plain(horizon, dimensions));
  }

  /** K: actions of the chunk. */
  public int horizon() {
    return layout.horizon();
  }

  /** D: values of an action. */
  public int dimensions() {
    return layout.dimensions();
  }

  /** The token whose action is nearest to one, of the i-th of the chunk's values. */
  public int token(double action, int i) {
    return TokenSampler.token(layout.value(action, i % dimensions()), bins());
  }

  /** The action of a token, in [-1, 1], of the i-th of the chunk's values. */
  float action(int token, int i) {
    float centre = TokenSampler.centre(token, bins());
    return layout.isScaled()
        ? NormalSampler.bounded(layout.action(centre, i % dimensions()))
        : centre;
  }

  /** Logits of a head of tokens, [K, D, bins]. */
  public float[] logits() {
    return value(LOGITS);
  }

  /** Bins of a head of tokens. */
  public int bins() {
    if (head instanceof HeadSpec.Binned binned) {
      return binned.bins();
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
        sd = regression.noise().get(index % dimensions());
      }
      case HeadSpec.Gaussian _ -> {
        mean = finite("mean", index);
        double bounded =
            Math.clamp(
                finite(LOG_SD, index),
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
      case HeadSpec.Binned _ -> TokenSampler.sample(this, 0, () -> 0).actions();
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
