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
    for (int d = 0; d < space.dimensions(); d++) {
      dimensions.add(
          switch (space) {
            case ActionSpace.EndEffectorDelta s ->
                new ActionDimension(s.axes().get(d), "m", s.scaleM().get(d));
            case ActionSpace.JointDeltas s ->
                new ActionDimension(s.joints().get(d), "rad", s.scaleRad().get(d));
            case ActionSpace.JointPositions s ->
                new ActionDimension(
                    s.joints().get(d), "rad", (s.maxRad().get(d) - s.minRad().get(d)) / 2);
          });
    }
    return dimensions;
  }
}
