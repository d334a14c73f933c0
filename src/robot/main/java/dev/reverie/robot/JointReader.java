package dev.reverie.robot;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.robot.HoldReason.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads joint states into the order of the policy's joints, and says what is wrong with them. */
public final class JointReader {
  private final List<String> joints;

  public JointReader(List<String> joints) {
    this.joints = joints;
  }

  public JointSample read(byte[] message, long arrivalNanos) {
    double[] positions = new double[joints.size()];
    Arrays.fill(positions, Double.NaN);
    try {
      JointState state = JointState.TYPE.decode(message);
      Optional<HoldReason> fault = fill(state, positions);
      return new JointSample(
          Stamps.nanos(state.header().stamp()), positions, fault, message, arrivalNanos);
    } catch (CdrException e) {
      return new JointSample(
          0,
          positions,
          Optional.of(
              HoldReason.of(Kind.BAD_JOINT_STATE, "joint state cannot be read: " + e.getMessage())),
          message,
          arrivalNanos);
    }
  }

  private Optional<HoldReason> fill(JointState state, double[] positions) {
    if (state.position().length != state.name().size()) {
      return Optional.of(
          HoldReason.about(
              Kind.BAD_JOINT_STATE,
              "",
              "joint state has %d positions for %d names; repair the arm's driver",
              state.position().length,
              state.name().size()));
    }
    for (int i = 0; i < positions.length; i++) {
      int index = state.name().indexOf(joints.get(i));
      if (index < 0) {
        return Optional.of(
            HoldReason.about(
                Kind.BAD_JOINT_STATE,
                joints.get(i),
                "joint '%s' is not in the joint state, which has %s; the policy needs %s",
                joints.get(i),
                state.name(),
                joints));
      }
      positions[i] = state.position()[index];
      if (!Double.isFinite(positions[i])) {
        return Optional.of(
            HoldReason.about(
                Kind.BAD_JOINT_STATE,
                joints.get(i),
                "position of joint '%s' is %s; check its encoder and driver",
                joints.get(i),
                positions[i]));
      }
    }
    return Optional.empty();
  }
}
