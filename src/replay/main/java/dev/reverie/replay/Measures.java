package dev.reverie.replay;

import dev.reverie.arm.ActionDimension;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.BundleSpec;
import dev.reverie.replay.Measure.Group;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The numbers that a replay is judged by, in the order in which they are shown. */
final class Measures {
  static final Measure SUCCESS = Measure.share(Group.SUCCESS, "");
  static final Measure ACTION_ERROR =
      Measure.mean(Group.ACTION_ERROR, "mean_absolute", "of [-1, 1]");
  static final Measure ACTION_ERROR_RMS =
      Measure.rootSquare(Group.ACTION_ERROR, "root_mean_square", "of [-1, 1]");
  static final Measure COMMAND_ERROR = Measure.mean(Group.COMMAND_ERROR, "mean_absolute", "rad");
  static final Measure COMMAND_ERROR_RMS =
      Measure.rootSquare(Group.COMMAND_ERROR, "root_mean_square", "rad");
  static final Measure LIKELIHOOD_SUCCESS =
      Measure.mean(Group.LOG_LIKELIHOOD, "of_successful_actions", "nats per value");
  static final Measure LIKELIHOOD_FAILURE =
      Measure.mean(Group.LOG_LIKELIHOOD, "of_failed_actions", "nats per value");
  static final Measure LIKELIHOOD_OTHER =
      Measure.mean(Group.LOG_LIKELIHOOD, "of_unlabelled_actions", "nats per value");
  static final Measure SQUARED_JERK =
      Measure.mean(Group.SMOOTHNESS, "mean_squared_jerk", "rad^2/s^6");
  static final Measure DIMENSIONLESS_JERK =
      Measure.mean(Group.SMOOTHNESS, "log_dimensionless_jerk", "");
  static final Measure LIMITED = Measure.mean(Group.LIMITS, "ticks_limited", "of ticks");
  static final Measure LIMITED_POSITION = Measure.mean(Group.LIMITS, "position", "of ticks");
  static final Measure LIMITED_VELOCITY = Measure.mean(Group.LIMITS, "velocity", "of ticks");
  static final Measure LIMITED_WORKSPACE = Measure.mean(Group.LIMITS, "workspace", "of ticks");
  static final Measure LIMITED_ACCELERATION =
      Measure.mean(Group.LIMITS, "acceleration", "of ticks");
  static final Measure LIMITED_JERK = Measure.mean(Group.LIMITS, "jerk", "of ticks");
  static final Measure LIMITED_STEP = Measure.mean(Group.LIMITS, "step", "of ticks");
  static final Measure LIMITED_KEEP_OUT = Measure.mean(Group.LIMITS, "keep_out", "of ticks");
  static final Measure LIMITED_RAMP = Measure.mean(Group.LIMITS, "ramp", "of ticks");
  static final Measure LIMITED_OTHER = Measure.mean(Group.LIMITS, "other", "of ticks");
  static final Measure HELD = Measure.mean(Group.LIMITS, "held_still", "of ticks");
  static final Measure TOKENS_DIFFER =
      Measure.mean(Group.DISAGREEMENT, "tokens_differ", "of values");
  static final Measure ACTION_DISTANCE =
      Measure.mean(Group.DISAGREEMENT, "action_distance", "of [-1, 1]");
  static final Measure COMMAND_DISTANCE =
      Measure.mean(Group.DISAGREEMENT, "command_distance", "rad");
  static final Measure DIVERGENCE =
      Measure.mean(Group.DISAGREEMENT, "kl_divergence", "nats per value");
  static final Measure IMAGINED_BEGINNINGS =
      Measure.share(Group.IMAGINED_SUCCESS, "from_first_frames");
  static final Measure IMAGINED_KEYFRAMES =
      Measure.mean(Group.IMAGINED_SUCCESS, "from_keyframes", "of rollouts");

  private Measures() {}

  /** All measures of a policy with this spec. */
  static List<Measure> of(BundleSpec spec) {
    List<Measure> all = new ArrayList<>(List.of(SUCCESS, ACTION_ERROR, ACTION_ERROR_RMS));
    for (ActionDimension dimension : ActionDimension.of(spec.actionSpace())) {
      all.addAll(ofDimension(dimension));
    }
    all.addAll(
        List.of(
            COMMAND_ERROR,
            COMMAND_ERROR_RMS,
            LIKELIHOOD_SUCCESS,
            LIKELIHOOD_FAILURE,
            LIKELIHOOD_OTHER,
            TOKENS_DIFFER,
            ACTION_DISTANCE,
            COMMAND_DISTANCE,
            DIVERGENCE,
            SQUARED_JERK,
            DIMENSIONLESS_JERK,
            LIMITED,
            LIMITED_POSITION,
            LIMITED_VELOCITY,
            LIMITED_WORKSPACE,
            LIMITED_ACCELERATION,
            LIMITED_JERK,
            LIMITED_STEP,
            LIMITED_KEEP_OUT,
            LIMITED_RAMP,
            LIMITED_OTHER,
            HELD,
            IMAGINED_BEGINNINGS,
            IMAGINED_KEYFRAMES));
    return all;
  }

  /** Mean absolute and root mean square error, of [-1, 1] and in the space's unit. */
  static List<Measure> ofDimension(ActionDimension dimension) {
    String name = dimension.name();
    String unit = dimension.unit();
    return List.of(
        Measure.mean(Group.ACTION_ERROR, name + ".mean_absolute", "of [-1, 1]"),
        Measure.rootSquare(Group.ACTION_ERROR, name + ".root_mean_square", "of [-1, 1]"),
        Measure.mean(Group.ACTION_ERROR, name + ".mean_absolute_" + unit, unit),
        Measure.rootSquare(Group.ACTION_ERROR, name + ".root_mean_square_" + unit, unit));
  }

  /** The limits that a command was brought within; a bag of an earlier version tells no kinds. */
  static Set<Measure> limits(Command command) {
    Set<Measure> hit = new HashSet<>();
    for (byte limit : command.limits()) {
      hit.add(
          switch (limit) {
            case Command.LIMIT_POSITION -> LIMITED_POSITION;
            case Command.LIMIT_VELOCITY -> LIMITED_VELOCITY;
            case Command.LIMIT_WORKSPACE -> LIMITED_WORKSPACE;
            case Command.LIMIT_ACCELERATION -> LIMITED_ACCELERATION;
            case Command.LIMIT_JERK -> LIMITED_JERK;
            case Command.LIMIT_STEP -> LIMITED_STEP;
            case Command.LIMIT_KEEP_OUT -> LIMITED_KEEP_OUT;
            case Command.LIMIT_RAMP -> LIMITED_RAMP;
            default -> LIMITED_OTHER;
          });
    }
    if (hit.isEmpty() && !command.clamped().isEmpty()) {
      hit.add(LIMITED_OTHER);
    }
    return hit;
  }
}
