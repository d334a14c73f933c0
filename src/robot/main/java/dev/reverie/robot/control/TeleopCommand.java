package dev.reverie.robot.control;

import dev.reverie.arm.JointSpace;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.robot.sense.HoldReason;
import java.util.List;
import java.util.Optional;

/**
 * A command of a person, or a script, to the arm.
 *
 * @param source who it is: the frame_id of the command, or "teleop"
 * @param stampNanos of the observation that it answers; 0: now
 * @param positions rad, in the order of the policy's joints; empty with a fault
 * @param fault why it cannot be followed; empty where it can
 * @param saidNanos {@link System#nanoTime} when it was said
 * @param arrivalNanos {@link System#nanoTime} when it came
 */
public record TeleopCommand(
    String source,
    long stampNanos,
    double[] positions,
    Optional<HoldReason> fault,
    long saidNanos,
    long arrivalNanos) {
  static final String UNNAMED = "teleop";

  static TeleopCommand of(JointTrajectory message, List<String> joints, long arrivalNanos) {
    long stamp = Stamps.nanos(message.header().stamp());
    double[] positions = new double[joints.size()];
    Optional<HoldReason> fault = fill(message, joints, positions);
    String named = message.header().frameId();
    return new TeleopCommand(
        named.isEmpty() ? UNNAMED : named, stamp, positions, fault, arrivalNanos, arrivalNanos);
  }

  TeleopCommand withPositions(double[] others) {
    return new TeleopCommand(source, stampNanos, others, fault, saidNanos, arrivalNanos);
  }

  public TeleopCommand said(long nanos) {
    return new TeleopCommand(source, stampNanos, positions, fault, nanos, arrivalNanos);
  }

  /**
   * Returns why it is too far from an arm to be followed; empty where it is not.
   *
   * @param at where the arm is, rad
   * @param most rad
   */
  Optional<HoldReason> farFrom(JointSpace joints, double[] at, double most) {
    for (int j = 0; j < at.length; j++) {
      double way = Math.abs(joints.shortest(j, at[j], positions[j]));
      if (way > most) {
        String joint = joints.of(j).joint();
        return Optional.of(
            HoldReason.about(
                HoldReason.Kind.FAR_TELEOP,
                joint,
                "joint '%s' of the person who commands is %.3f rad from the arm's, at most %.3f rad"
                    + " is allowed; move it there, or set teleop_max_jump_rad",
                joint,
                way,
                most));
      }
    }
    return Optional.empty();
  }

  private static Optional<HoldReason> fill(
      JointTrajectory message, List<String> joints, double[] positions) {
    List<String> names = message.jointNames();
    if (names.size() != joints.size() || !names.containsAll(joints)) {
      return Optional.of(
          bad(
              "",
              "teleop names the joints %s; this arm's are %s: name each of them once",
              names,
              joints));
    }
    int points = message.points().size();
    if (points != 1 || message.points().get(0).positions().length != names.size()) {
      return Optional.of(
          bad(
              "",
              "teleop has %d points; it needs one point with %d positions, one for each of %s",
              points,
              names.size(),
              names));
    }
    for (int i = 0; i < positions.length; i++) {
      positions[i] = message.points().get(0).positions()[names.indexOf(joints.get(i))];
      if (!Double.isFinite(positions[i])) {
        return Optional.of(
            bad(
                joints.get(i),
                "teleop sends joint '%s' to %s; send a finite number of radians",
                joints.get(i),
                positions[i]));
      }
    }
    return Optional.empty();
  }

  private static HoldReason bad(String joint, String format, Object... values) {
    return HoldReason.about(HoldReason.Kind.BAD_TELEOP, joint, format, values);
  }
}
