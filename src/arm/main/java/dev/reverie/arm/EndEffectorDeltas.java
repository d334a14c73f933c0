package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.EndEffector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;

/**
 * Moves and turns the tip from where it is measured: no hidden integrator, so that the pressing
 * force of an arm in contact stays bounded.
 *
 * <p>Where the orientation is held, it is the one at the begin of the episode but for the axis that
 * is turned about, and the tip is taken to hang from the hand in that orientation: a tool that
 * contact tilts a little does not shift the next target.
 *
 * <p>Near a singularity, where a small way of the tip is a long one of a joint, the tip goes as far
 * along its way as the slowest joint can follow in a period.
 */
final class EndEffectorDeltas implements PartActions {
  private static final int HALVINGS = 12;

  private final EndEffector space;
  private final KinematicChain chain;
  private final DampedLeastSquares solver;
  private final Optional<JointSpace> bounds;
  private final double periodS;
  private final int[] axes;
  private final int[] turns;
  private final Vector3d target = new Vector3d();
  private final Vector3d other = new Vector3d();
  private @Nullable Matrix3d held;

  /**
   * Creates the map of an action space.
   *
   * @param joints names in the URDF, in the order of positions
   * @param bounds of the joints, which inverse kinematics keeps; empty: only the safety gate does
   * @param periodS in which a target is to be reached
   */
  EndEffectorDeltas(
      Urdf urdf,
      List<String> joints,
      EndEffector space,
      Optional<JointSpace> bounds,
      double periodS) {
    this.space = space;
    this.bounds = bounds;
    this.periodS = periodS;
    chain = KinematicChain.of(urdf, joints, space.frame(), space.tipLink());
    solver = new DampedLeastSquares(chain, bounds);
    axes = space.axes().stream().mapToInt("xyz"::indexOf).toArray();
    turns = space.rotations().stream().mapToInt(List.of("rx", "ry", "rz")::indexOf).toArray();
  }

  /** Returns the box that the tip may not leave. */
  TipWorkspace workspace() {
    return new TipWorkspace(chain, axes, space.workspace());
  }

  @Override
  public int[] moved() {
    return IntStream.range(0, chain.size()).map(chain::jointIndex).toArray();
  }

  @Override
  public void begin(double[] measured) {
    if (space.holdOrientation()) {
      held = chain.forward(measured).get3x3(new Matrix3d());
    }
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    List<Limit> hit = new ArrayList<>(0);
    float[] action = Arrays.copyOfRange(actions, k * dimensions(), (k + 1) * dimensions());
    @Nullable Matrix3d reference = reference(measured);
    tip(measured, reference, other);
    bounded(action, hit);
    double[] positions = solve(measured, reference, action, 1);
    double over = speed(measured, positions);
    if (over > 1) {
      double share =
          Ways.largest(
              0,
              1,
              HALVINGS,
              part -> speed(measured, solve(measured, reference, action, part)) <= 1);
      hit.add(
          Limit.of(
              Limit.Kind.VELOCITY,
              "velocity of the tip: to %.3f of what was asked for, near a singularity",
              share));
      positions = solve(measured, reference, action, share);
    }
    return new Target(positions, hit);
  }

  private int dimensions() {
    return axes.length + turns.length;
  }

  /** Sets {@code target} to where the tip at {@code other} is to be, kept in the workspace. */
  private void bounded(float[] action, List<Limit> hit) {
    target.set(other);
    for (int i = 0; i < axes.length; i++) {
      double wanted = target.get(axes[i]) + space.scaleM().get(i) * action[i];
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
  }

  /** Joint positions for a fraction of the way from {@code other} to {@code target}. */
  private double[] solve(
      double[] measured, @Nullable Matrix3d reference, float[] action, double fraction) {
    Vector3d point = new Vector3d(target);
    if (fraction < 1) {
      other.lerp(target, fraction, point);
    }
    if (reference == null) {
      return solver.solve(measured, chain.tipInHand(), point, null);
    }
    Matrix3d orientation = reference;
    if (turns.length > 0) {
      var turn = new Vector3d();
      for (int i = 0; i < turns.length; i++) {
        turn.setComponent(turns[i], fraction * space.scaleRad().get(i) * action[axes.length + i]);
      }
      orientation = turned(turn, reference);
    }
    if (held == null) {
      return solver.solve(measured, chain.tipInHand(), point, orientation, turns);
    }
    point.sub(orientation.transform(chain.tipInHand())); // the hand's target
    return solver.solve(measured, new Vector3d(), point, orientation);
  }

  /** The speed of the fastest joint of a step, of what it may have; 0 where nothing is known. */
  private double speed(double[] from, double[] to) {
    double most = 0;
    if (bounds.isPresent()) {
      for (int i = 0; i < chain.size(); i++) {
        int j = chain.jointIndex(i);
        double allowed =
            Math.min(bounds.get().of(j).velocity() * periodS, bounds.get().of(j).step());
        most = Math.max(most, Math.abs(to[j] - from[j]) / allowed);
      }
    }
    return most;
  }

  @Override
  public double turn(int d) {
    return Double.POSITIVE_INFINITY;
  }

  @Override
  public float[] action(double[] measured, double[] positions) {
    @Nullable Matrix3d from = reference(measured);
    @Nullable Matrix3d to = reference(positions);
    tip(positions, to, target);
    tip(measured, from, other);
    float[] action = new float[dimensions()];
    for (int i = 0; i < axes.length; i++) {
      double delta = target.get(axes[i]) - other.get(axes[i]);
      action[i] = (float) Math.clamp(delta / space.scaleM().get(i), -1, 1);
    }
    if (turns.length > 0 && from != null && to != null) {
      var turn =
          Rotations.vector(to.mul(from.transpose(new Matrix3d()), new Matrix3d()), new Vector3d());
      for (int i = 0; i < turns.length; i++) {
        action[axes.length + i] =
            (float) Math.clamp(turn.get(turns[i]) / space.scaleRad().get(i), -1, 1);
      }
    }
    return action;
  }

  /** The hand's orientation that turns add to; null where every orientation will do. */
  private @Nullable Matrix3d reference(double[] positions) {
    if (held != null && turns.length == 0) {
      return held;
    }
    if (turns.length == 0) {
      return null;
    }
    Matrix3d measured = chain.forward(positions).get3x3(new Matrix3d());
    if (held == null || turns.length == 3) {
      return measured;
    }
    // Held but for the turn about one axis: the twist of the turn since the begin, without swing.
    Matrix3d since = measured.mul(held.transpose(new Matrix3d()), new Matrix3d());
    Vector3d vector = Rotations.vector(since, new Vector3d());
    double angle = vector.length();
    double along = angle == 0 ? 0 : vector.get(turns[0]) / angle;
    double twist = 2 * Math.atan2(along * Math.sin(angle / 2), Math.cos(angle / 2));
    return turned(new Vector3d().setComponent(turns[0], twist), held);
  }

  /** An orientation after a turn by a rotation vector in the axes of the frame. */
  private static Matrix3d turned(Vector3d vector, Matrix3d orientation) {
    double angle = vector.length();
    return angle == 0
        ? orientation
        : Rotations.about(new Vector3d(vector).div(angle), angle, new Matrix4d())
            .get3x3(new Matrix3d())
            .mul(orientation);
  }

  /** Finds the tip; with a reference orientation that is held, where it would be in it. */
  private void tip(double[] positions, @Nullable Matrix3d reference, Vector3d into) {
    if (held == null || reference == null) {
      chain.tip(positions, into);
    } else {
      chain.forward(positions).getTranslation(into).add(reference.transform(chain.tipInHand()));
    }
  }
}
