package dev.reverie.robot.sense;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmModel;
import dev.reverie.policy.Task;
import dev.reverie.robot.sense.HoldReason.Kind;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.JointNames;
import java.util.Optional;

/**
 * Reads the arm's {@code robot_description} and keeps its model. For the control thread, but for
 * {@link #urdf}.
 */
public final class ArmDescription {
  private final Task task;
  private final Optional<ArmFile> arm;
  private final JointNames names;
  private final double periodS;
  private final double maxAgeS;
  private volatile String urdf = "";
  private Optional<ArmModel> model = Optional.empty();
  private Optional<HoldReason> fault =
      Optional.of(
          HoldReason.of(
              Kind.NO_DESCRIPTION,
              "no robot_description yet; publish the arm's URDF on that topic"));

  public ArmDescription(RobotParameters parameters) {
    task = parameters.task();
    arm = parameters.arm();
    names = parameters.joints().names();
    periodS = parameters.periodS();
    maxAgeS = parameters.maxObservationAgeS();
  }

  /** Reads a URDF; returns false where it is the one that was read before. */
  public boolean read(String text) {
    if (text.equals(urdf)) {
      return false;
    }
    try {
      model = Optional.of(ArmModel.of(text, names, task, arm, periodS, maxAgeS));
      fault = Optional.empty();
      urdf = text;
    } catch (ArmException e) {
      model = Optional.empty();
      fault = Optional.of(HoldReason.of(Kind.BAD_DESCRIPTION, String.valueOf(e.getMessage())));
      urdf = "";
    }
    return true;
  }

  /** Returns the arm's model; empty where there is a {@link #fault}. */
  public Optional<ArmModel> model() {
    return model;
  }

  /** Returns the text that the model is of; empty where there is none. */
  public String urdf() {
    return urdf;
  }

  /** Returns why there is no model; empty where there is one. */
  public Optional<HoldReason> fault() {
    return fault;
  }
}
