package dev.reverie.robot.setup;

import dev.reverie.arm.ArmFile;
import dev.reverie.arm.ArmFile.Controller.Kind;
import dev.reverie.arm.ArmFile.From;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The parameters of how the arm is moved, checked. In lock-step only {@code deltasFrom} and {@code
 * executed} count.
 *
 * @param output how the arm takes its commands
 * @param streamRateHz of a stream
 * @param deltasFrom what actions that are deltas add to
 * @param blend actions in which a chunk goes over into the next; 0: at once
 * @param ensemble m of a temporal ensemble; below 0: as the policy's bundle says
 * @param executed actions of a chunk that are carried out before the next one goes on; 0: as the
 *     policy's bundle says
 * @param teleopMaxJumpRad a person whose pose is farther from the arm's does not take over; 0: they
 *     do, and the arm goes there slowly
 * @param limitedTicks an episode in which more ticks in a row were limited ends; 0: never
 */
public record MotionParameters(
    Kind output,
    double streamRateHz,
    From deltasFrom,
    long blend,
    double ensemble,
    long executed,
    double teleopMaxJumpRad,
    long limitedTicks) {
  /** Checks that the node can do it. */
  public MotionParameters {
    if (blend > 0 && ensemble >= 0) {
      throw new RobotException(
          "blend is %d and ensemble %s; chunks go over in one way: set blend to 0 or ensemble below 0"
              .formatted(blend, ensemble));
    }
  }

  /** Returns what they are where nothing is said. */
  public static MotionParameters of(From from) {
    return new MotionParameters(Kind.TRAJECTORY, 100, from, 0, -1, 0, 0, 0);
  }

  /**
   * Returns how one chunk goes over into the next.
   *
   * @param bundle what the policy's bundle says, which counts where no parameter says otherwise
   */
  public Seam seam(BundleSpec.Execution bundle) {
    if (blend > 0) {
      return new Seam.Blend((int) blend);
    }
    double m = ensemble >= 0 || executed > 0 ? ensemble : bundle.ensemble();
    return m >= 0 ? new Seam.Ensemble(m) : new Seam.Switch();
  }

  /** Returns how many actions of a chunk are carried out before the next one goes on; 0: all. */
  public long executed(BundleSpec.Execution bundle) {
    return executed > 0 ? executed : bundle.actions();
  }

  /** Declares and reads them; an arm file gives their defaults. */
  static MotionParameters read(Node node, Optional<ArmFile> arm, boolean lockStep) {
    Kind kind = arm.map(a -> a.controller().kind()).orElse(Kind.TRAJECTORY);
    From from = arm.map(a -> a.action().from()).orElse(lockStep ? From.MEASURED : From.COMMANDED);
    String output =
        declare(
            node,
            ParameterDeclaration.of("output", kind.name().toLowerCase(Locale.ROOT))
                .constrainedTo("trajectory, stream or follow_joint_trajectory"),
            "how the arm takes its commands: trajectory for a joint_trajectory_controller, stream"
                + " for a forward_command_controller, follow_joint_trajectory for an action");
    double rateHz =
        declare(
            node,
            ParameterDeclaration.of(
                    "stream_rate_hz", arm.map(a -> a.controller().rateHz()).orElse(100.0))
                .range(1, 2000),
            "positions a second of a stream");
    String deltas =
        declare(
            node,
            ParameterDeclaration.of("deltas_from", from.name().toLowerCase(Locale.ROOT))
                .constrainedTo("commanded or measured"),
            "what actions that are deltas add to: commanded positions, or measured ones");
    long blend =
        declare(
            node,
            ParameterDeclaration.of("blend", 0).range(0, 1000),
            "actions in which a chunk goes over into the next; 0: at once");
    double ensemble =
        declare(
            node,
            ParameterDeclaration.of("ensemble", -1.0).range(-1, 100),
            "m of ACT's temporal ensemble, 0 or more; below 0: as the bundle says, else none");
    long executed =
        declare(
            node,
            ParameterDeclaration.of("executed", 0).range(0, 1000),
            "actions of a chunk that are carried out before the next one goes on; 0: as the bundle"
                + " says, else all");
    double jump =
        declare(
            node,
            ParameterDeclaration.of("teleop_max_jump_rad", 0.0).range(0, 100),
            "rad; a person whose pose is farther from the arm's does not take over; 0: they do, and"
                + " the arm goes there slowly");
    long limited =
        declare(
            node,
            ParameterDeclaration.of(
                    "limited_ticks", arm.map(a -> a.limits().limitedTicks()).orElse(0))
                .range(0, 1_000_000),
            "an episode in which more ticks in a row were limited ends; 0: never");
    return new MotionParameters(
        one(Kind.class, "output", output),
        rateHz,
        one(From.class, "deltas_from", deltas),
        blend,
        ensemble,
        executed,
        jump,
        limited);
  }

  /** Returns the constant that a parameter names. */
  static <E extends Enum<E>> E one(Class<E> kinds, String parameter, String text) {
    for (E kind : kinds.getEnumConstants()) {
      if (kind.name().equalsIgnoreCase(text)) {
        return kind;
      }
    }
    throw new RobotException(
        "parameter %s is '%s'; give one of %s"
            .formatted(
                parameter,
                text,
                Arrays.toString(kinds.getEnumConstants()).toLowerCase(Locale.ROOT)));
  }

  private static <T> T declare(Node node, ParameterDeclaration<T> declaration, String description) {
    return node.declareParameter(declaration.describedAs(description).readOnly());
  }
}
