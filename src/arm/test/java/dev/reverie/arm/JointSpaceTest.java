package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.ActionSpace;
import java.util.List;
import org.junit.jupiter.api.Test;

class JointSpaceTest {
  private final JointSpace space = Arms.space(List.of("roll", "lift"), "roll");

  @Test
  void aContinuousJointGoesTheShortWay() {
    assertEquals(2 * Math.PI - 6.2, space.shortest(0, 3.1, -3.1), 1e-12);
    assertEquals(6.2 - 2 * Math.PI, space.shortest(0, -3.1, 3.1), 1e-12);
    assertEquals(-6.2, space.shortest(1, 3.1, -3.1), 1e-12);
    assertEquals(0.1, space.shortest(0, 20 * Math.PI, 0.1), 1e-12);
  }

  @Test
  void theNearestOfEqualPositionsIsTaken() {
    assertArrayEquals(
        new double[] {2 * Math.PI - 3.1, -3.1},
        space.nearest(new double[] {3.1, 3.1}, new double[] {-3.1, -3.1}),
        1e-12);
    double[] exact = {0.1 + 0.2, 7};
    assertArrayEquals(exact, space.nearest(new double[] {0, 0}, exact), 0);
  }

  @Test
  void aTurnOfAnActionIsThatOfTheContinuousJointWhosePositionItIs() {
    var positions =
        new ActionSpace.JointPositions(
            List.of("roll", "lift"), List.of(-Math.PI, -1.0), List.of(Math.PI, 1.0));
    assertEquals(2, JointActions.of(space, positions).turn(0), 1e-12);
    assertEquals(Double.POSITIVE_INFINITY, JointActions.of(space, positions).turn(1));
    var deltas = new ActionSpace.JointDeltas(List.of("roll"), List.of(0.1));
    assertEquals(Double.POSITIVE_INFINITY, JointActions.of(space, deltas).turn(0));
  }
}
