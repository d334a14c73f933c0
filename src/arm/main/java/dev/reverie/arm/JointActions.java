package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.JointDeltas;
import dev.reverie.policy.ActionSpace.JointPositions;
import java.util.List;

/** Actions that are joint positions, or steps from the measured ones: affine in each joint. */
final class JointActions implements PartActions {
  private final JointSpace space;
  private final int[] joints;
  private final double[] offset;
  private final double[] scale;
  private final boolean relative;

  private JointActions(
      JointSpace space, int[] joints, double[] offset, double[] scale, boolean relative) {
    this.space = space;
    this.joints = joints;
    this.offset = offset;
    this.scale = scale;
    this.relative = relative;
  }

  static JointActions of(JointSpace joints, JointPositions space) {
    double[] middle = new double[space.dimensions()];
    double[] half = new double[space.dimensions()];
    for (int i = 0; i < middle.length; i++) {
      middle[i] = (space.minRad().get(i) + space.maxRad().get(i)) / 2;
      half[i] = (space.maxRad().get(i) - space.minRad().get(i)) / 2;
    }
    return new JointActions(joints, indices(joints.names(), space.joints()), middle, half, false);
  }

  static JointActions of(JointSpace joints, JointDeltas space) {
    double[] scale = space.scaleRad().stream().mapToDouble(Double::doubleValue).toArray();
    return new JointActions(
        joints, indices(joints.names(), space.joints()), new double[scale.length], scale, true);
  }

  private static int[] indices(List<String> joints, List<String> moved) {
    return moved.stream().mapToInt(name -> index(joints, name)).toArray();
  }

  /** Place of a joint that an action moves. */
  static int index(List<String> joints, String name) {
    int index = joints.indexOf(name);
    if (index < 0) {
      throw new ArmException(
          "the action space moves joint '%s', which is not among the policy's joints %s; repair the bundle's joint_names"
              .formatted(name, joints));
    }
    return index;
  }

  @Override
  public int[] moved() {
    return joints.clone();
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    double[] positions = measured.clone();
    for (int i = 0; i < joints.length; i++) {
      double from = relative ? measured[joints[i]] : offset[i];
      positions[joints[i]] = from + scale[i] * actions[k * joints.length + i];
    }
    return new Target(positions, List.of());
  }

  @Override
  public double turn(int d) {
    return !relative && space.isContinuous(joints[d])
        ? JointSpace.FULL_TURN / scale[d]
        : Double.POSITIVE_INFINITY;
  }

  @Override
  public float[] action(double[] measured, double[] target) {
    float[] action = new float[joints.length];
    for (int i = 0; i < joints.length; i++) {
      double from = relative ? measured[joints[i]] : offset[i];
      action[i] =
          (float) Math.clamp(space.shortest(joints[i], from, target[joints[i]]) / scale[i], -1, 1);
    }
    return action;
  }
}
