package dev.reverie.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * A rectified flow from noise at t = 1 to the chunk at t = 0: x_t = (1 - t) chunk + t noise, and
 * the graph gives the {@code velocity} noise - chunk (as pi0's and SmolVLA's public code have it).
 *
 * @param steps from 1 to 0, of equal length
 * @param sampler of the arm
 * @param noise a of the stochastic sampler of Flow-GRPO (arXiv 2505.05470), by which the policy
 *     practises whichever the arm has; the paper has 0.7
 */
public record FlowSpec(int steps, Sampler sampler, double noise) implements DenoisingSpec {
  /** Ways from one step to the next. */
  public enum Sampler {
    /** Without noise but the first. */
    @JsonProperty("ode")
    ODE,
    /** Takes noise in each step, and keeps the distribution of chunks. */
    @JsonProperty("sde")
    SDE
  }

  /** Checks the steps and the noise. */
  public FlowSpec {
    if (steps < 1 || steps > 1000 || !(noise > 0 && noise <= 10)) {
      throw new IllegalArgumentException(
          "flow of %d steps with noise %s; give 1 to 1000 steps and noise above 0, at most 10"
              .formatted(steps, noise));
    }
  }

  @Override
  public String output() {
    return "velocity";
  }

  @Override
  public boolean drawsNoise() {
    return sampler == Sampler.SDE;
  }

  /**
   * Euler-Maruyama steps of Flow-GRPO's eq. 9, with sigma_t = a sqrt(t / (1 - t)) and, as its code,
   * the next t below the root where t is 1:
   *
   * <pre>x - (v + sigma^2 / (2 t) (x + (1 - t) v)) dt + sigma sqrt(dt) e</pre>
   */
  @Override
  public List<DenoisingStep> steps(double temperature) {
    List<DenoisingStep> all = new ArrayList<>();
    double dt = 1.0 / steps;
    for (int i = 0; i < steps; i++) {
      double t = (double) (steps - i) / steps;
      double rest = i == 0 ? dt : 1 - t; // 1 - t, of the next step where t is 1
      double variance = noise * noise * temperature * t / rest; // sigma^2
      double pull = variance / (2 * t) * dt;
      all.add(
          new DenoisingStep(
              t,
              1 - pull,
              -dt - pull * (1 - t),
              0,
              0,
              0,
              Double.POSITIVE_INFINITY,
              1 - t,
              t,
              Math.sqrt(variance * dt)));
    }
    return all;
  }
}
