package dev.reverie.policy;

import java.util.random.RandomGenerator;

/** Makes chunks out of noise. */
public final class DenoisingSampler {
  private DenoisingSampler() {}

  /** The policy's graph under one observation. */
  @FunctionalInterface
  public interface Graph {
    /**
     * Runs it.
     *
     * @param chunk before the step [K', D']
     * @return the head's output [K', D']
     */
    float[] run(float[] chunk, float time);
  }

  /**
   * Draws a chunk.
   *
   * @param layout where the actions lie in the graph's chunk
   * @param temperature multiplies the variance of all noise, the first included; 0 starts from 0
   * @param random the same generator state gives the same chunk
   */
  public static Sample sample(
      DenoisingSpec head,
      ChunkLayout layout,
      Graph graph,
      double temperature,
      RandomGenerator random) {
    int values = layout.values();
    float[] x = new float[values];
    double first = Math.sqrt(temperature);
    for (int i = 0; i < values; i++) {
      x[i] = (float) (first == 0 ? 0 : first * random.nextGaussian());
    }
    boolean drawn = head.drawsNoise() && temperature > 0;
    double[] log = new double[values];
    for (DenoisingStep step : head.steps(drawn ? temperature : 0)) {
      float[] output = graph.run(x.clone(), (float) step.time());
      for (int i = 0; i < values; i++) {
        if (!Float.isFinite(output[i])) {
          throw new IllegalStateException(
              "the policy's %s %d is %s at time %s; its weights or its input are broken"
                  .formatted(head.output(), i, output[i], step.time()));
        }
        double mean = step.mean(x[i], output[i]);
        x[i] = (float) (drawn ? mean + step.sd() * random.nextGaussian() : mean);
        log[i] += drawn ? new Normal(mean, step.sd()).logDensity(x[i]) : 0;
      }
    }
    float[] actions = layout.part(x, 1);
    for (int i = 0; i < actions.length; i++) {
      actions[i] = NormalSampler.bounded(layout.action(actions[i], i % layout.dimensions()));
    }
    float[] logs = new float[head.drawsNoise() ? values : 0];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = (float) log[i];
    }
    return new Sample(new int[0], logs.length == 0 ? logs : layout.part(logs, 1), actions);
  }
}
