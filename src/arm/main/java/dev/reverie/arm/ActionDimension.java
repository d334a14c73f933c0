package dev.reverie.arm;

import dev.reverie.policy.ActionSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the D numbers of an action.
 *
 * @param name axis or joint
 * @param unit m or rad
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
      case ActionSpace.Parts s -> s.parts().forEach(part -> dimensions.addAll(of(part)));
    }
    return dimensions;
  }
}
