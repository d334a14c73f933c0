package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the D numbers of an action.
 *
 * @param name axis or joint
 * @param unit m or rad; 1 where it has none
 * @param scale of 1 in that unit
 */
public record ActionDimension(String name, String unit, double scale) {
  public static List<ActionDimension> of(ActionSpace space) {
    List<ActionDimension> dimensions = new ArrayList<>();
    switch (space) {
      case ActionSpace.EndEffector s -> {
        for (int i = 0; i < s.axes().size(); i++) {
          dimensions.add(new ActionDimension(s.axes().get(i), "m", s.scaleM().get(i)));
        }
        for (int i = 0; i < s.rotations().size(); i++) {
          dimensions.add(new ActionDimension(s.rotations().get(i), "rad", s.scaleRad().get(i)));
        }
      }
      case ActionSpace.JointDeltas s -> {
        for (int i = 0; i < s.joints().size(); i++) {
          dimensions.add(new ActionDimension(s.joints().get(i), "rad", s.scaleRad().get(i)));
        }
      }
      case ActionSpace.JointPositions s -> {
        for (int i = 0; i < s.joints().size(); i++) {
          double half = (s.maxRad().get(i) - s.minRad().get(i)) / 2;
          dimensions.add(new ActionDimension(s.joints().get(i), "rad", half));
        }
      }
      case ActionSpace.EndEffectorPose s -> {
        for (int i = 0; i < 3; i++) {
          double half = (s.workspace().max().get(i) - s.workspace().min().get(i)) / 2;
          dimensions.add(new ActionDimension(List.of("x", "y", "z").get(i), "m", half));
        }
        String unit = s.rotation() == ActionSpace.Rotation.VECTOR ? "rad" : "1";
        for (String name : s.rotation().numbers()) {
          dimensions.add(new ActionDimension(name, unit, s.rotation().scale()));
        }
      }
      case ActionSpace.BinaryGripper s ->
          dimensions.add(
              new ActionDimension(s.joint(), "rad", Math.abs(s.open() - s.closed()) / 2));
      case ActionSpace.Parts s -> s.parts().forEach(part -> dimensions.addAll(of(part)));
    }
    return dimensions;
  }
}
