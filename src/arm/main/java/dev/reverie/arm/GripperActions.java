package dev.reverie.arm;

import dev.reverie.policy.ActionSpace.BinaryGripper;
import java.util.List;

/** An action that opens or closes a gripper. */
final class GripperActions implements PartActions {
  private final JointSpace space;
  private final BinaryGripper gripper;
  private final int joint;

  GripperActions(JointSpace joints, BinaryGripper gripper) {
    space = joints;
    this.gripper = gripper;
    joint = JointActions.index(joints.names(), gripper.joint());
  }

  @Override
  public int[] moved() {
    return new int[] {joint};
  }

  @Override
  public Target target(double[] measured, float[] actions, int k) {
    double[] positions = measured.clone();
    positions[joint] = actions[k] > 0 ? gripper.open() : gripper.closed();
    return new Target(positions, List.of());
  }

  @Override
  public double turn(int d) {
    return Double.POSITIVE_INFINITY;
  }

  /** Whichever is nearer. */
  @Override
  public float[] action(double[] measured, double[] target) {
    double toOpen = Math.abs(space.shortest(joint, gripper.open(), target[joint]));
    double toClosed = Math.abs(space.shortest(joint, gripper.closed(), target[joint]));
    return new float[] {toOpen < toClosed ? 1 : -1};
  }
}
