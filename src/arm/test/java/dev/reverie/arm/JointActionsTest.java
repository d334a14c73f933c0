package dev.reverie.arm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.policy.ActionSpace.JointDeltas;
import dev.reverie.policy.ActionSpace.JointPositions;
import java.util.List;
import org.junit.jupiter.api.Test;

class JointActionsTest {
  private final List<String> joints = List.of("pan", "lift");
  private final JointSpace space = Arms.space(joints);

  @Test
  void jointDeltasStepFromTheMeasuredPositions() {
    var map = JointActions.of(space, new JointDeltas(List.of("lift"), List.of(0.2)));
    double[] target = map.target(new double[] {1, 2}, new float[] {0, -0.5f}, 1).positions();
    assertArrayEquals(new double[] {1, 1.9}, target, 1e-12);
    assertArrayEquals(new float[] {-0.5f}, map.action(new double[] {1, 2}, target), 1e-6f);
  }

  @Test
  void jointPositionsSpanTheirRange() {
    var map =
        JointActions.of(space, new JointPositions(joints, List.of(-1.0, 0.0), List.of(1.0, 3.0)));
    double[] target = map.target(new double[] {9, 9}, new float[] {-1, 1}, 0).positions();
    assertArrayEquals(new double[] {-1, 3}, target, 1e-12);
    assertArrayEquals(new float[] {-1, 1}, map.action(new double[] {9, 9}, target), 1e-6f);
  }

  @Test
  void anActionSpaceForAnUnknownJointIsRefused() {
    var deltas = new JointDeltas(List.of("wrist"), List.of(0.2));
    assertThrows(ArmException.class, () -> JointActions.of(space, deltas));
  }

  @Test
  void theActionOfATargetBeyondPiIsTheShortWay() {
    JointSpace turning = Arms.space(joints, "lift");
    var deltas = JointActions.of(turning, new JointDeltas(List.of("lift"), List.of(0.2)));
    double beyond = -Math.PI + 0.05;
    assertArrayEquals(
        new float[] {0.5f},
        deltas.action(new double[] {0, Math.PI - 0.05}, new double[] {0, beyond}),
        1e-6f);
    var positions =
        JointActions.of(
            turning, new JointPositions(List.of("lift"), List.of(-Math.PI), List.of(Math.PI)));
    double[] target = {0, 2 * Math.PI + 1};
    assertArrayEquals(
        new float[] {(float) (1 / Math.PI)}, positions.action(new double[2], target), 1e-6f);
  }
}
