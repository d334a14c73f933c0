package dev.reverie.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * Metres and radians of an action in [-1, 1]: {@code middle + scale * action}. Deltas are those of
 * one action; what has no unit is as it is, and a gripper from 0, closed, to 1.
 *
 * @param middle one a value
 * @param scale one a value, above 0
 */
record ActionUnits(double[] middle, double[] scale) {
  static ActionUnits of(ActionSpace space) {
    List<Double> middle = new ArrayList<>();
    List<Double> scale = new ArrayList<>();
    for (ActionSpace part : space.each()) {
      switch (part) {
        case ActionSpace.JointPositions joints -> {
          for (int i = 0; i < joints.dimensions(); i++) {
            double half = (joints.maxRad().get(i) - joints.minRad().get(i)) / 2;
            middle.add(joints.minRad().get(i) + half);
            scale.add(half);
          }
        }
        case ActionSpace.JointDeltas joints -> scale.addAll(joints.scaleRad());
        case ActionSpace.EndEffector tip -> {
          scale.addAll(tip.scaleM());
          scale.addAll(tip.scaleRad());
        }
        case ActionSpace.EndEffectorPose pose -> {
          for (int i = 0; i < 3; i++) {
            double half = (pose.workspace().max().get(i) - pose.workspace().min().get(i)) / 2;
            middle.add(pose.workspace().min().get(i) + half);
            scale.add(half);
          }
          pose.rotation().numbers().forEach(_ -> scale.add(pose.rotation().scale()));
        }
        case ActionSpace.BinaryGripper _ -> {
          middle.add(0.5);
          scale.add(0.5);
        }
        case ActionSpace.Parts _ -> throw new IllegalStateException("parts of parts");
      }
      while (middle.size() < scale.size()) {
        middle.add(0.0);
      }
    }
    return new ActionUnits(numbers(middle), numbers(scale));
  }

  private static double[] numbers(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
