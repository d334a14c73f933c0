package dev.reverie.robot.setup;

import dev.reverie.arm.ArmFile;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import java.util.List;
import java.util.Set;

/** Refuses a policy bundle that is made for another arm, and names what differs. */
public final class SameArm {
  private SameArm() {}

  /**
   * Refuses a bundle that an arm file does not fit.
   *
   * @param whose the bundle, in words
   * @param file the arm file, in words
   */
  static void require(String whose, Task bundle, String file, ArmFile arm) {
    String remedy = "use a bundle made for this arm, or correct the arm file";
    List<String> joints = arm.joints();
    for (String joint : bundle.jointNames()) {
      if (!joints.contains(joint)) {
        throw new RobotException(
            "%s is made for another arm: it moves joint '%s', and the joints of %s are %s; %s"
                .formatted(whose, joint, file, joints, remedy));
      }
    }
    if (!Set.copyOf(bundle.jointNames()).containsAll(joints)) {
      throw new RobotException(
          "%s is made for another arm: it moves the joints %s alone, and those of %s are %s; %s"
              .formatted(whose, bundle.jointNames(), file, joints, remedy));
    }
    for (BundleSpec.Camera camera : bundle.cameras()) {
      if (!arm.cameras().containsKey(camera.name())) {
        throw new RobotException(
            "%s sees camera '%s', and the cameras of %s are %s; %s"
                .formatted(whose, camera.name(), file, arm.cameras().keySet(), remedy));
      }
    }
    requireSame(
        whose, "chunk.period_s", bundle.chunk().periodS(), file, arm.action().periodS(), remedy);
    requireSame(whose, "action_space", bundle.actionSpace(), file, arm.action().space(), remedy);
  }

  private static void requireSame(
      String whose, String what, Object bundle, String file, Object arm, String remedy) {
    if (!bundle.equals(arm)) {
      throw new RobotException(
          "%s has %s %s, and %s has %s; %s"
              .formatted(whose, what, told(bundle), file, told(arm), remedy));
    }
  }

  /** Refuses a bundle with which more than the policy would change. */
  public static void requireSwappable(Task arm, BundleSpec next) {
    requireSame("joint_names", arm.jointNames(), next.jointNames());
    for (BundleSpec.Camera camera : next.cameras()) {
      if (!arm.cameraNames().contains(camera.name())) {
        throw differs("cameras", next.task().cameraNames(), arm.cameraNames());
      }
    }
    requireSame("action_space", arm.actionSpace(), next.actionSpace());
    requireSame("chunk.period_s", arm.chunk().periodS(), next.chunk().periodS());
  }

  private static void requireSame(String what, Object current, Object next) {
    if (!current.equals(next)) {
      throw differs(what, next, current);
    }
  }

  private static BundleException differs(String what, Object next, Object current) {
    return new BundleException(
        "the bundle is made for another arm: its %s is %s, this arm's is %s; swap in a bundle made"
                .formatted(what, told(next), told(current))
            + " for this arm, or restart the robot node with it");
  }

  private static Object told(Object value) {
    return switch (value) {
      case ActionSpace.EndEffectorDelta s ->
          "end_effector_delta of %s in %s along %s, scale_m %s, workspace %s to %s"
              .formatted(
                  s.tipLink(),
                  s.frame(),
                  s.axes(),
                  s.scaleM(),
                  s.workspace().min(),
                  s.workspace().max());
      case ActionSpace.EndEffectorPoseDelta s -> s.toString();
      case ActionSpace.Parts s -> s.parts().stream().map(SameArm::told).toList();
      case ActionSpace.JointPositions s ->
          "joint_positions of %s from %s to %s".formatted(s.joints(), s.minRad(), s.maxRad());
      case ActionSpace.JointDeltas s ->
          "joint_deltas of %s, scale_rad %s".formatted(s.joints(), s.scaleRad());
      default -> value;
    };
  }
}
