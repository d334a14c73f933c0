package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Joints from step to step: where an action leads from where they stand and how they move, then a
 * learned share of the way to where a picture shows them. The share is what a Kalman filter calls
 * its gain; it falls with how far picture and action disagree, if pictures that do are the wrong
 * ones.
 *
 * <p>B rollouts, E steps, D action dimensions, J joints.
 */
final class JointDynamics {
  /** Positions in the past that a step follows from: where the joints are, and were. */
  static final int MEMORY = 2;

  static final int WIDTH = 64;

  /** Scale of a step, rad: what goes in and comes out of the layers is near 1. */
  static final double STEP_RAD = 0.1;

  private final Parameters.Linear hidden;
  private final Parameters.Linear out;
  private final Parameters.Linear gain;

  JointDynamics(Parameters parameters, int dimensions, int joints) {
    hidden = parameters.linear("m.a", 2L * joints + 2L * dimensions, WIDTH);
    out = parameters.linear("m.b", WIDTH, joints);
    gain = parameters.linear("m.g", joints, joints);
  }

  /** Returns what a step takes, counted from its sizes. */
  static Shapes shapes(int dimensions, int joints) {
    long in = 2L * joints + 2L * dimensions;
    List<Pass.Layer> layers =
        List.of(
            Pass.Layer.linear(in, WIDTH),
            Pass.Layer.linear(WIDTH, joints),
            Pass.Layer.linear(joints, joints));
    return new Shapes(
        layers.stream().mapToLong(Pass.Layer::parameters).sum(),
        layers.stream()
            .map(layer -> layer.over(1))
            .reduce(Pass.numbers(in + WIDTH + 10.0 * joints), Pass::plus)
            .times(2)); // with correction and without
  }

  /**
   * Follows some actions.
   *
   * @param before positions, the last two at least [B, m, J], rad
   * @param led action that led to the last of them [B, D]
   * @param actions [B, E, D]
   * @param shown positions in the pictures after them, where these are to correct [B, E, J], rad
   * @return [B, E, J], rad
   */
  Tensor path(Tensor before, Tensor led, Tensor actions, Optional<Tensor> shown) {
    Tensor was = before.select(1, before.size(1) - 2);
    Tensor is = before.select(1, before.size(1) - 1);
    Tensor previous = led;
    List<Tensor> path = new ArrayList<>();
    for (long t = 0; t < actions.size(1); t++) {
      Tensor taken = actions.select(1, t);
      Tensor velocity = Torch.times(is.sub(was), 1 / STEP_RAD);
      Tensor h = torch.silu(hidden.apply(Torch.cat(1, is, velocity, previous, taken)));
      Tensor expected = is.add(Torch.times(out.apply(h), STEP_RAD));
      was = is;
      is = shown.isPresent() ? corrected(expected, shown.get().select(1, t)) : expected;
      previous = taken;
      path.add(is);
    }
    return Torch.stack(1, path.toArray(Tensor[]::new));
  }

  private Tensor corrected(Tensor expected, Tensor shown) {
    Tensor apart = shown.sub(expected);
    Tensor share = gain.apply(Torch.times(apart.abs(), 1 / STEP_RAD)).sigmoid();
    return expected.add(apart.mul(share));
  }
}
