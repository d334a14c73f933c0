package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.policy.ActionSpace.JointDeltas;
import dev.reverie.policy.ActionSpace.JointPositions;
import java.util.List;
import org.junit.jupiter.api.Test;

class JointActionsTest {
  private final List<String> joints = List.of("pan", "lift");

  @Test
  void jointDeltasStepFromTheMeasuredPositions() {
    var map = JointActions.of(joints, new JointDeltas(List.of("lift"), List.of(0.2)));
    double[] target = map.target(new double[] {1, 2}, new float[] {0, -0.5f}, 1).positions();
    assertArrayEquals(new double[] {1, 1.9}, target, 1e-12);
    assertArrayEquals(new float[] {-0.5f}, map.action(new double[] {1, 2}, target), 1e-6f);
  }

  @Test
  void jointPositionsSpanTheirRange() {
    var map =
        JointActions.of(joints, new JointPositions(joints, List.of(-1.0, 0.0), List.of(1.0, 3.0)));
    double[] target = map.target(new double[] {9, 9}, new float[] {-1, 1}, 0).positions();
    assertArrayEquals(new double[] {-1, 3}, target, 1e-12);
    assertArrayEquals(new float[] {-1, 1}, map.action(new double[] {9, 9}, target), 1e-6f);
  }

  @Test
  void anActionSpaceForAnUnknownJointIsRefused() {
    var space = new JointDeltas(List.of("wrist"), List.of(0.2));
    assertThrows(ArmException.class, () -> JointActions.of(joints, space));
  }
}
