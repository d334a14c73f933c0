package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import java.util.List;

/** Checks how far an action of an arm file moves. */
final class Scales {
  private Scales() {}

  /** Refuses an action that moves a joint, or turns the tip, by more than a turn. */
  static void requireTurns(ActionSpace space) {
    for (ActionSpace part : space.each()) {
      List<Double> scaleRad =
          switch (part) {
            case ActionSpace.JointDeltas deltas -> deltas.scaleRad();
            case ActionSpace.EndEffector tip -> tip.scaleRad();
            case ActionSpace.JointPositions _,
                ActionSpace.EndEffectorPose _,
                ActionSpace.BinaryGripper _,
                ActionSpace.Parts _ ->
                List.of();
          };
      if (scaleRad.stream().anyMatch(scale -> scale > 2 * Math.PI)) {
        throw new IllegalArgumentException(
            "action.space.scale_rad is %s, and no action moves a joint by more than a turn; give radians (metres of joints that push), 6.28 at most, such as 0.05"
                .formatted(scaleRad));
      }
    }
  }
}
