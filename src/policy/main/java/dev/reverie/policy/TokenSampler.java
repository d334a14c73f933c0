package dev.reverie.policy;

import java.util.random.RandomGenerator;

/** Draws action tokens from logits and turns them into actions. */
public final class TokenSampler {
  private TokenSampler() {}

  /**
   * Draws every value of the chunk by itself.
   *
   * @param temperature divides the logits; 0 takes the most likely bin, with log-probability 0
   * @param random the same generator state gives the same tokens
   */
  public static Sample sample(PolicyOutput output, double temperature, RandomGenerator random) {
    if (!(temperature >= 0) || Double.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "temperature %s; give 0 (greedy) or a positive number".formatted(temperature));
    }
    int bins = output.bins();
    int values = output.horizon() * output.dimensions();
    Sample sample = new Sample(new int[values], new float[values], new float[values]);
    double[] probabilities = new double[bins];
    for (int i = 0; i < values; i++) {
      int token = best(output.logits(), i * bins, bins);
      if (temperature > 0) {
        softmax(output.logits(), i * bins, temperature, probabilities);
        token = draw(probabilities, random.nextDouble(), token);
        sample.logProbabilities()[i] = (float) Math.log(probabilities[token]);
      }
      sample.tokens()[i] = token;
      sample.actions()[i] = output.action(token, i);
    }
    return sample;
  }

  /** The action value of a token: linspace(-1, 1, bins). */
  public static float centre(int token, int bins) {
    return (float) (2.0 * token / (bins - 1) - 1);
  }

  /** The token whose centre is nearest to an action value; values beyond [-1, 1] are clamped. */
  public static int token(double action, int bins) {
    if (Double.isNaN(action)) {
      throw new IllegalArgumentException("an action is not a number; look for it in the rollout");
    }
    return (int) Math.rint((Math.clamp(action, -1.0, 1.0) + 1) / 2 * (bins - 1));
  }

  private static int best(float[] logits, int from, int bins) {
    int best = 0;
    for (int i = 0; i < bins; i++) {
      float logit = logits[from + i];
      if (!Float.isFinite(logit)) {
        throw new IllegalStateException(
            "the policy's logit %d is %s; its weights or its input are broken"
                .formatted(from + i, logit));
      }
      best = logit > logits[from + best] ? i : best;
    }
    return best;
  }

  private static void softmax(float[] logits, int from, double temperature, double[] result) {
    double max = logits[from];
    for (int i = 1; i < result.length; i++) {
      max = Math.max(max, logits[from + i]);
    }
    double sum = 0;
    for (int i = 0; i < result.length; i++) {
      result[i] = Math.exp((logits[from + i] - max) / temperature);
      sum += result[i];
    }
    for (int i = 0; i < result.length; i++) {
      result[i] /= sum;
    }
  }

  /** Inverts the cumulative distribution; rounding at its end falls to the most likely token. */
  private static int draw(double[] probabilities, double uniform, int likeliest) {
    double cumulative = 0;
    for (int i = 0; i < probabilities.length; i++) {
      cumulative += probabilities[i];
      if (uniform < cumulative) {
        return i;
      }
    }
    return likeliest;
  }
}
