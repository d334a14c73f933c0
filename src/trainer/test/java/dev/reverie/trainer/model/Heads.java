package dev.reverie.trainer.model;

import dev.reverie.policy.DiffusionSpec;
import dev.reverie.policy.FlowSpec;
import dev.reverie.policy.HeadSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A head of each kind, for tests. */
public final class Heads {
  private Heads() {}

  /**
   * Returns one of each kind.
   *
   * @param dimensions D
   */
  public static List<HeadSpec> all(int dimensions) {
    return List.of(
        HeadSpec.tokens(5),
        new HeadSpec.Regression(Collections.nCopies(dimensions, 0.3)),
        new HeadSpec.Gaussian(),
        new FlowSpec(4, FlowSpec.Sampler.SDE, 0.7),
        new FlowSpec(4, FlowSpec.Sampler.ODE, 0.7),
        diffusion(DiffusionSpec.Sampler.DDPM),
        diffusion(DiffusionSpec.Sampler.DDIM),
        diffusion(DiffusionSpec.Sampler.DDPM, DiffusionSpec.Prediction.SAMPLE),
        diffusion(DiffusionSpec.Sampler.DDIM, DiffusionSpec.Prediction.VELOCITY));
  }

  /** Ten times of training, of which four are steps; the graph gives the noise. */
  public static DiffusionSpec diffusion(DiffusionSpec.Sampler sampler) {
    return diffusion(sampler, DiffusionSpec.Prediction.EPSILON);
  }

  private static DiffusionSpec diffusion(
      DiffusionSpec.Sampler sampler, DiffusionSpec.Prediction prediction) {
    List<Double> alphas = new ArrayList<>();
    double alpha = 1;
    for (int t = 0; t < 10; t++) {
      alpha *= 1 - 0.02 - 0.06 * t;
      alphas.add(alpha);
    }
    return new DiffusionSpec(alphas, List.of(9, 6, 3, 0), sampler, 1, 0.1, 1, prediction);
  }
}
