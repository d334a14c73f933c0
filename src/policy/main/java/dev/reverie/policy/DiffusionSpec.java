package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.OptBoolean;
import java.util.ArrayList;
import java.util.List;

/**
 * Diffusion: x_t = sqrt(a_t) chunk + sqrt(1 - a_t) noise, and the graph gives the noise, or what
 * its {@code prediction} says.
 *
 * @param alphasCumprod a_t of each time of the training, falling, in (0, 1]
 * @param timesteps times of the steps, falling, each an index of those; after the last a is 1
 * @param sampler of the arm, and how a clipped chunk counts
 * @param noise eta of DDIM (arXiv 2010.02502), by which the policy practises whichever the arm has;
 *     1 is DDPM's
 * @param leastNoise standard deviation of what each step draws at least, without which the last has
 *     no probability; DPPO (arXiv 2409.00588) has 0.1
 * @param clip bound of the chunk that each step points to
 * @param prediction what the graph gives; files may leave it out, then it is the noise
 */
public record DiffusionSpec(
    List<Double> alphasCumprod,
    List<Integer> timesteps,
    Sampler sampler,
    double noise,
    double leastNoise,
    double clip,
    @JacksonInject(value = "prediction", useInput = OptBoolean.TRUE)
        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = Prediction.Usual.class)
        Prediction prediction)
    implements DenoisingSpec {
  /** Ways from one step to the next, with diffusers' names. */
  public enum Sampler {
    /**
     * Without noise but the first; the graph's noise counts as it is where the chunk is clipped.
     */
    @JsonProperty("ddim")
    DDIM,
    /** Takes noise in each step; the noise is that which leads from the clipped chunk to x. */
    @JsonProperty("ddpm")
    DDPM
  }

  /** The quantity that a graph gives, with diffusers' names. */
  public enum Prediction {
    /** The noise: output {@code epsilon}. */
    @JsonProperty("epsilon")
    EPSILON,
    /** The chunk: output {@code sample}. */
    @JsonProperty("sample")
    SAMPLE,
    /** sqrt(a_t) noise - sqrt(1 - a_t) chunk (arXiv 2202.00512): output {@code velocity}. */
    @JsonProperty("v_prediction")
    VELOCITY;

    /** Equals what files leave out. */
    static final class Usual {
      @Override
      public boolean equals(Object other) {
        return other == EPSILON;
      }

      @Override
      public int hashCode() {
        return 0;
      }
    }
  }

  /** Creates one whose graph gives the noise. */
  public DiffusionSpec(
      List<Double> alphasCumprod,
      List<Integer> timesteps,
      Sampler sampler,
      double noise,
      double leastNoise,
      double clip) {
    this(alphasCumprod, timesteps, sampler, noise, leastNoise, clip, Prediction.EPSILON);
  }

  /** Checks the schedule. */
  public DiffusionSpec {
    alphasCumprod = List.copyOf(alphasCumprod);
    timesteps = List.copyOf(timesteps);
    double before = 1;
    for (double alpha : alphasCumprod) {
      if (!(alpha > 0 && alpha <= before)) {
        throw new IllegalArgumentException(
            "alphas_cumprod holds %s after %s; give falling values in (0, 1]"
                .formatted(alpha, before));
      }
      before = alpha;
    }
    int later = alphasCumprod.size();
    for (int time : timesteps) {
      if (time < 0 || time >= later) {
        throw new IllegalArgumentException(
            "timesteps %s; give falling indices of the %d alphas_cumprod"
                .formatted(timesteps, alphasCumprod.size()));
      }
      later = time;
    }
    boolean holds = noise > 0 && noise <= 1 && leastNoise > 0 && leastNoise <= 1 && clip > 0;
    if (timesteps.isEmpty() || !holds) {
      throw new IllegalArgumentException(
          "diffusion of %d steps with noise %s, least_noise %s, clip %s; give at least 1 step, noise and least_noise above 0 and at most 1, and a clip above 0"
              .formatted(timesteps.size(), noise, leastNoise, clip));
    }
  }

  @Override
  public String output() {
    return switch (prediction) {
      case EPSILON -> "epsilon";
      case SAMPLE -> "sample";
      case VELOCITY -> "velocity";
    };
  }

  @Override
  public boolean drawsNoise() {
    return sampler == Sampler.DDPM;
  }

  /** DDIM's eq. 12, with eta^2 multiplied by the temperature. */
  @Override
  public List<DenoisingStep> steps(double temperature) {
    List<DenoisingStep> all = new ArrayList<>();
    for (int i = 0; i < timesteps.size(); i++) {
      double alpha = alphasCumprod.get(timesteps.get(i));
      double next = i + 1 < timesteps.size() ? alphasCumprod.get(timesteps.get(i + 1)) : 1;
      double signal = Math.sqrt(alpha);
      double spread = Math.sqrt(1 - alpha);
      double variance = noise * noise * temperature * (1 - next) / (1 - alpha) * (1 - alpha / next);
      double towards = Math.sqrt(Math.max(0, 1 - next - variance)); // factor of the noise
      boolean again = sampler == Sampler.DDPM; // the noise is (x - signal * clean) / spread
      double sd = Math.max(Math.sqrt(variance), leastNoise * Math.sqrt(temperature));
      Told told = told(signal, spread);
      all.add(
          new DenoisingStep(
              timesteps.get(i),
              towards * (again ? 1 / spread : told.noiseX),
              towards * (again ? 0 : told.noiseOutput),
              Math.sqrt(next) - (again ? towards * signal / spread : 0),
              told.cleanX,
              told.cleanOutput,
              clip,
              signal,
              spread,
              sd));
    }
    return all;
  }

  /** The noise and the clean chunk, of x and the graph's output, by their factors. */
  private record Told(double noiseX, double noiseOutput, double cleanX, double cleanOutput) {}

  private Told told(double signal, double spread) {
    return switch (prediction) {
      case EPSILON -> new Told(0, 1, 1 / signal, -spread / signal);
      case SAMPLE -> new Told(1 / spread, -signal / spread, 0, 1);
      case VELOCITY -> new Told(spread, signal, signal, -spread);
    };
  }
}
