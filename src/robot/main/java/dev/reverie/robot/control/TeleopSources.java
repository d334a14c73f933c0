package dev.reverie.robot.control;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile.Teleoperation;
import dev.reverie.arm.TipJog;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes of whatever a person moves the arm by (a trajectory of one point, a leader arm, a velocity
 * of the tip, a position of the gripper) a command to all joints. What one of them does not say
 * stays as the person commanded it last, or as it is measured where they have not commanded for a
 * while. For the control thread.
 */
public final class TeleopSources {
  /** A velocity holds until the next one for so long at most. */
  private static final double MAX_STEP_S = 0.1;

  private final List<String> joints;
  private final Teleoperation how;
  private final Supplier<Optional<TipJog>> jog;
  private final Supplier<Optional<double[]>> measured;
  private double[] last = {}; // rad; what the person commanded last
  private long lastNanos;
  private long twistNanos;

  /**
   * Creates the sources of an arm.
   *
   * @param joints order of the positions
   * @param jog of the tip; empty as long as there is no URDF
   * @param measured rad; empty where nothing sound was measured
   */
  public TeleopSources(
      List<String> joints,
      Teleoperation how,
      Supplier<Optional<TipJog>> jog,
      Supplier<Optional<double[]>> measured) {
    this.joints = joints;
    this.how = how;
    this.jog = jog;
    this.measured = measured;
  }

  /** Takes a trajectory of one point. */
  public TeleopCommand trajectory(JointTrajectory message, long nowNanos) {
    return remembered(TeleopCommand.of(message, joints, nowNanos));
  }

  /** Takes the measured positions of a leader arm. */
  public TeleopCommand leader(JointState message, long nowNanos) {
    String source = named(message.header().frameId(), "leader");
    if (message.position().length != message.name().size()) {
      return fault(
          source,
          nowNanos,
          "",
          "the leader arm sends %d positions for %d joints; repair its driver",
          message.position().length,
          message.name().size());
    }
    Optional<double[]> base = base(nowNanos);
    if (base.isEmpty()) {
      return unmeasured(source, nowNanos);
    }
    double[] positions = base.get();
    int known = 0;
    for (int i = 0; i < message.name().size(); i++) {
      String name = message.name().get(i);
      int joint = joints.indexOf(how.leaderNames().getOrDefault(name, name));
      if (joint < 0) {
        continue;
      }
      if (!Double.isFinite(message.position()[i])) {
        return fault(
            source,
            nowNanos,
            joints.get(joint),
            "joint '%s' of the leader arm is at %s; check its encoder",
            name,
            message.position()[i]);
      }
      positions[joint] = message.position()[i];
      known++;
    }
    return known > 0
        ? moved(source, positions, nowNanos)
        : fault(
            source,
            nowNanos,
            "",
            "the leader arm has the joints %s and this arm %s; set teleoperation.leader_names in the arm file",
            message.name(),
            joints);
  }

  /** Takes a velocity of the tip; it holds for the time since the one before. */
  public TeleopCommand twist(TwistStamped message, long nowNanos) {
    double seconds = Math.min((nowNanos - twistNanos) / 1e9, MAX_STEP_S);
    boolean first = nowNanos - twistNanos > Takeover.SILENCE_NANOS;
    twistNanos = nowNanos;
    Optional<TipJog> tip = jog.get();
    Optional<double[]> base = base(nowNanos);
    if (tip.isEmpty() || base.isEmpty()) {
      return unmeasured(TeleopCommand.UNNAMED, nowNanos);
    }
    Twist twist = message.twist();
    double[] linear = vector(twist.linear());
    double[] angular = vector(twist.angular());
    for (int i = 0; i < 3; i++) {
      if (!Double.isFinite(linear[i]) || !Double.isFinite(angular[i])) {
        return fault(
            TeleopCommand.UNNAMED,
            nowNanos,
            "",
            "the twist %s has a part that is no number",
            twist);
      }
    }
    try {
      String frame = message.header().frameId();
      double[] to = tip.get().step(base.get(), frame, linear, angular, first ? 0 : seconds);
      return moved(TeleopCommand.UNNAMED, to, nowNanos);
    } catch (ArmException e) {
      return fault(
          TeleopCommand.UNNAMED, nowNanos, "", "twist: %s", String.valueOf(e.getMessage()));
    }
  }

  /** Takes the position of the gripper's joint. */
  public TeleopCommand gripper(Float64 message, long nowNanos) {
    Optional<double[]> base = base(nowNanos);
    if (base.isEmpty()) {
      return unmeasured(TeleopCommand.UNNAMED, nowNanos);
    }
    if (!Double.isFinite(message.data())) {
      return fault(
          TeleopCommand.UNNAMED,
          nowNanos,
          how.gripperJoint(),
          "the gripper is sent to %s; send a finite number",
          message.data());
    }
    double[] positions = base.get();
    positions[joints.indexOf(how.gripperJoint())] = message.data();
    return moved(TeleopCommand.UNNAMED, positions, nowNanos);
  }

  /** Returns what the person commanded last, or else what is measured; a copy. */
  private Optional<double[]> base(long nowNanos) {
    return last.length > 0 && nowNanos - lastNanos <= Takeover.SILENCE_NANOS
        ? Optional.of(last.clone())
        : measured.get().map(double[]::clone);
  }

  private TeleopCommand moved(String source, double[] positions, long nowNanos) {
    return remembered(
        new TeleopCommand(source, 0, positions, Optional.empty(), nowNanos, nowNanos));
  }

  private TeleopCommand remembered(TeleopCommand command) {
    if (command.fault().isEmpty()) {
      last = command.positions();
      lastNanos = command.arrivalNanos();
    }
    return command;
  }

  private static TeleopCommand unmeasured(String source, long nowNanos) {
    return fault(source, nowNanos, "", "a person commands, and where the arm is is not known yet");
  }

  private static TeleopCommand fault(
      String source, long nowNanos, String joint, String format, Object... values) {
    HoldReason reason = HoldReason.about(Kind.BAD_TELEOP, joint, format, values);
    return new TeleopCommand(source, 0, new double[0], Optional.of(reason), nowNanos, nowNanos);
  }

  private static String named(String frameId, String otherwise) {
    return frameId.isEmpty() ? otherwise : frameId;
  }

  private static double[] vector(Vector3 vector) {
    return new double[] {vector.x(), vector.y(), vector.z()};
  }
}
