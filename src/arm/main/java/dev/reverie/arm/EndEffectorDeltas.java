package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.EndEffectorDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.joml.Matrix3d;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;

/**
 * Moves the tip from where it is measured: no hidden integrator, so that the pressing force of an
 * arm in contact stays bounded.
 *
 * <p>Where the orientation is held, it is the one at the begin of the episode, and the tip is taken
 * to hang from the hand in that orientation: a tool that contact tilts a little does not shift the
 * next target.
 */
final class EndEffectorDeltas implements ActionMap {
  private final EndEffectorDelta space;
  private final KinematicChain chain;
  private final DampedLeastSquares solver;
  private final int[] axes;
  private final Vector3d tipOffset = new Vector3d();
  private final Vector3d target = new Vector3d();
  private final Vector3d other = new Vector3d();
  private @Nullable Matrix3d held;

  EndEffectorDeltas(Urdf urdf, List<String> joints, EndEffectorDelta space) {
    this.space = space;
    chain = KinematicChain.of(urdf, joints, space.frame(), space.tipLink());
    solver = new DampedLeastSquares(chain);
    axes = space.axes().stream().mapToInt("xyz"::indexOf).toArray();
  }

  /** Returns the box that the tip may not leave. */
  Optional<TipWorkspace> workspace() {
    return Optional.of(new TipWorkspace(chain, axes, space.workspace()));
  }

  @Override
  public void begin(double[] measured) {
    if (space.holdOrientation()) {
      held = chain.forward(measured).get3x3(new Matrix3d());
      held.transform(chain.tipInHand(), tipOffset);
    }
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    List<Limit> hit = new ArrayList<>(0);
    tip(measured, target);
    for (int i = 0; i < axes.length; i++) {
      double wanted = target.get(axes[i]) + space.scaleM().get(i) * actions[k * axes.length + i];
      double bounded =
          Math.clamp(wanted, space.workspace().min().get(i), space.workspace().max().get(i));
      if (bounded != wanted) {
        hit.add(
            Limit.of(
                Limit.Kind.WORKSPACE,
                "workspace: %s of the target %.4f to %.4f m",
                space.axes().get(i),
                wanted,
                bounded));
      }
      target.setComponent(axes[i], bounded);
    }
    if (held == null) {
      return new Target(solver.solve(measured, chain.tipInHand(), target, null), hit);
    }
    target.sub(tipOffset); // the hand's target
    return new Target(solver.solve(measured, new Vector3d(), target, held), hit);
  }

  @Override
  public float[] action(double[] measured, double[] positions) {
    tip(positions, target);
    tip(measured, other);
    float[] action = new float[axes.length];
    for (int i = 0; i < axes.length; i++) {
      double delta = target.get(axes[i]) - other.get(axes[i]);
      action[i] = (float) Math.clamp(delta / space.scaleM().get(i), -1, 1);
    }
    return action;
  }

  /** Finds the tip; with a held orientation, where it would be in it. */
  private void tip(double[] positions, Vector3d into) {
    if (held == null) {
      chain.tip(positions, into);
    } else {
      chain.forward(positions).getTranslation(into).add(tipOffset);
    }
  }
}
