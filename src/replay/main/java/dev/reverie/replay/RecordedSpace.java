package dev.reverie.replay;

import dev.reverie.arm.ActionMap;
import dev.reverie.arm.ArmModel;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether the actions of a recording mean to the arm what a policy's actions mean. A bag
 * does not name its action space, but it tells where each action took the joints.
 */
final class RecordedSpace {
  /** Difference of joint positions, far above that of two ways to the same pose. */
  private static final double TOLERANCE_RAD = 1e-5;

  /** Part of the steps that may differ: what an arm rested at unobserved is not recorded. */
  private static final double EXCEPTIONS = 0.1;

  /** Difference of actions in [-1, 1]. */
  private static final double TOLERANCE = 1e-4;

  private RecordedSpace() {}

  /** Tells why the recorded actions are others; empty where they are of the policy's kind. */
  static Optional<String> difference(RecordedBag bag, BundleSpec spec) {
    Episode episode = bag.episode();
    ArmModel arm = bag.arm();
    double[] begin = positions(episode.steps().getFirst().command(), spec.jointNames(), true);
    arm.actions().begin(begin);
    int dimensions = spec.actionSpace().dimensions();
    int steps = 0;
    int differing = 0;
    double[] before = begin; // what deltas may add to, in real time
    for (Step step : episode.steps()) {
      if (step.held()) {
        before = positions(step.command(), spec.jointNames(), false);
        continue;
      }
      if (step.action().length != dimensions) {
        return Optional.of(
            "the recorded actions have %d dimensions, the policy's %d"
                .formatted(step.action().length, dimensions));
      }
      steps++;
      if (differs(step, arm, spec.jointNames(), before)) {
        differing++;
      }
      before = positions(step.command(), spec.jointNames(), false);
    }
    return differing > EXCEPTIONS * steps
        ? Optional.of(
            "recorded actions took the arm elsewhere than they would here: another action space")
        : Optional.empty();
  }

  private static boolean differs(Step step, ArmModel arm, List<String> joints, double[] before) {
    return differsFrom(positions(step.command(), joints, true), step, arm, joints)
        && differsFrom(before, step, arm, joints);
  }

  private static boolean differsFrom(double[] from, Step step, ArmModel arm, List<String> joints) {
    ActionMap map = arm.actions();
    Command command = step.command();
    double[] sent = positions(command, joints, false);
    if (command
        .source()
        .equals(Command.TELEOP)) { // the action was found from where the person went
      float[] action = map.action(from, sent);
      for (int d = 0; d < action.length; d++) {
        if (command.clamped().isEmpty() && Math.abs(action[d] - step.action()[d]) > TOLERANCE) {
          return true;
        }
      }
      return false;
    }
    ActionMap.Target target = map.target(from, step.action(), 0);
    for (int j = 0; j < sent.length; j++) {
      boolean clamped = !command.clamped().isEmpty() || !target.limits().isEmpty();
      if (!clamped
          && Math.abs(arm.joints().shortest(j, sent[j], target.positions()[j])) > TOLERANCE_RAD) {
        return true;
      }
    }
    return false;
  }

  /** Positions of a command in the order of the policy's joints, rad. */
  static double[] positions(Command command, List<String> joints, boolean measured) {
    double[] all = measured ? command.measuredPositions() : command.positions();
    double[] found = new double[joints.size()];
    for (int j = 0; j < found.length; j++) {
      int at = command.jointNames().indexOf(joints.get(j));
      if (at < 0 || at >= all.length) {
        throw new ReplayException(
            "command %d tells %d positions of %s, and joint '%s' is needed"
                .formatted(command.tick(), all.length, command.jointNames(), joints.get(j)));
      }
      found[j] = all[at];
    }
    return found;
  }
}
