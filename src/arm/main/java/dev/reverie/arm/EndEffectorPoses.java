package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.EndEffectorPose;
import dev.reverie.policy.ActionSpace.EndEffectorPoseDelta;
import java.util.List;
import java.util.Optional;
import org.joml.Matrix3d;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * Puts the tip where an action says, as a way from where it is measured: near a singularity, and
 * where the target is far, the tip goes as far along it as the slowest joint can follow in a
 * period.
 */
final class EndEffectorPoses implements PartActions {
  private static final List<Double> ONES = List.of(1.0, 1.0, 1.0);

  private final EndEffectorPose space;
  private final KinematicChain chain;
  private final EndEffectorDeltas deltas;

  /**
   * Creates the map of an action space.
   *
   * @param joints names in the URDF, in the order of positions
   * @param bounds of the joints, which inverse kinematics keeps; empty: only the safety gate does
   * @param periodS in which a target is to be reached
   */
  EndEffectorPoses(
      Urdf urdf,
      List<String> joints,
      EndEffectorPose space,
      Optional<JointSpace> bounds,
      double periodS) {
    this.space = space;
    chain = KinematicChain.of(urdf, joints, space.frame(), space.tipLink());
    var ways = // metres and radians
        new EndEffectorPoseDelta(
            space.frame(),
            space.tipLink(),
            List.of("x", "y", "z"),
            ONES,
            List.of("rx", "ry", "rz"),
            ONES,
            false,
            space.workspace());
    deltas = new EndEffectorDeltas(urdf, joints, ways, bounds, periodS);
  }

  /** Returns the box that the tip may not leave. */
  TipWorkspace workspace() {
    return deltas.workspace();
  }

  @Override
  public int[] moved() {
    return deltas.moved();
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    int at = k * space.dimensions();
    Matrix4d from = chain.tipPose(measured, new Matrix4d());
    float[] way = new float[6];
    for (int i = 0; i < 3; i++) {
      way[i] = (float) (middle(i) + half(i) * actions[at + i] - from.getRowColumn(i, 3));
    }
    double[] said = new double[space.rotation().numbers().size()];
    for (int i = 0; i < said.length; i++) {
      said[i] = actions[at + 3 + i];
    }
    Optional<Matrix3d> wanted = Orientations.of(space.rotation(), said);
    if (wanted.isEmpty()) {
      return new Target(
          measured.clone(),
          List.of(
              Limit.of(
                  Limit.Kind.WORKSPACE,
                  "orientation of the target: the action's numbers tell none, so the tip stays")));
    }
    Matrix3d back = from.get3x3(new Matrix3d()).transpose();
    Vector3d turn = Rotations.vector(wanted.get().mul(back), new Vector3d());
    for (int i = 0; i < 3; i++) {
      way[3 + i] = (float) turn.get(i);
    }
    return deltas.target(measured, way, 0);
  }

  @Override
  public double turn(int d) {
    return Double.POSITIVE_INFINITY;
  }

  @Override
  public float[] action(double[] measured, double[] target) {
    Matrix4d pose = chain.tipPose(target, new Matrix4d());
    double[] said = Orientations.said(space.rotation(), pose.get3x3(new Matrix3d()));
    float[] action = new float[3 + said.length];
    for (int i = 0; i < 3; i++) {
      action[i] = (float) Math.clamp((pose.getRowColumn(i, 3) - middle(i)) / half(i), -1, 1);
    }
    for (int i = 0; i < said.length; i++) {
      action[3 + i] = (float) said[i];
    }
    return action;
  }

  private double middle(int axis) {
    return (space.workspace().min().get(axis) + space.workspace().max().get(axis)) / 2;
  }

  private double half(int axis) {
    return (space.workspace().max().get(axis) - space.workspace().min().get(axis)) / 2;
  }
}
