package dev.reverie.robot.control;

import dev.reverie.arm.ArmModel;
import dev.reverie.robot.control.ActionQueue.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/** Looks at what lies ahead of a tick's target: whether it may be sent, as far as is known now. */
final class Ahead {
  /** Time of motion ahead that is planned, s: a node that ends leaves no more behind. */
  private static final double AHEAD_S = 0.5;

  /** A motion that goes on behind its last target may go so many times as far as at its speed. */
  private static final double FASTER = 1.25;

  private final ArmModel arm;
  private final double periodS;

  Ahead(ArmModel arm, double periodS) {
    this.arm = arm;
    this.periodS = periodS;
  }

  /**
   * Returns targets of this tick and of those ahead, as far as the policy has told them.
   *
   * @param target of this tick
   * @param executed actions of the episode, with that of this tick
   * @param share of the velocity limits that holds so long from now, s
   */
  List<double[]> targets(
      double[] target, ActionQueue queue, long executed, DoubleUnaryOperator share) {
    List<double[]> targets = new ArrayList<>();
    targets.add(target);
    for (int k = 0; (k + 1) * periodS < AHEAD_S; k++) {
      Optional<Action> next = queue.at(executed + k);
      if (next.isEmpty()) {
        break;
      }
      double[] from = targets.getLast();
      double[] wanted = arm.actions().target(from, next.get().values(), 0).positions();
      Optional<double[]> allowed =
          arm.gate().ahead(from, share.applyAsDouble((k + 1) * periodS), wanted);
      if (allowed.isEmpty()) {
        break; // refused when its tick comes
      }
      targets.add(allowed.get());
    }
    return targets;
  }

  /**
   * Returns for how long the motion may go on behind its last target, s: what lies there is looked
   * at as if it were targets, somewhat faster ones. Not above 0 where it may not.
   *
   * @param before the target before the last one
   * @param mostS the longest that matters
   */
  double freeS(double[] before, double[] last, double mostS) {
    double[] from = last;
    int free = 0;
    while ((free - 0.5) * periodS < FASTER * mostS) {
      double[] beyond = from.clone();
      for (int j = 0; j < beyond.length; j++) {
        beyond[j] += last[j] - before[j];
      }
      if (arm.gate().ahead(from, 1, beyond).filter(b -> Arrays.equals(b, beyond)).isEmpty()) {
        break;
      }
      from = beyond;
      free++;
    }
    return (free - 0.5) * periodS / FASTER;
  }
}
