package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.policy.ActionSpace;
import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActionMappingTest {
  private static final List<String> JOINTS = List.of("a", "b", "c");
  private static final ActionSpace POSITIONS =
      new ActionSpace.JointPositions(List.of("c", "a"), List.of(-1.0, 0.0), List.of(1.0, 4.0));
  private static final ActionSpace DELTAS =
      new ActionSpace.JointDeltas(List.of("c", "a"), List.of(0.5, 0.25));
  private static final ActionSpace TIP =
      new ActionSpace.EndEffectorDelta(
          "base",
          "tip",
          List.of("x", "z"),
          List.of(0.04, 0.02),
          true,
          new ActionSpace.Workspace(List.of(0.0, 0.0), List.of(1.0, 1.0)));

  private static ActionMapping mapping(
      ActionMapping.Meaning meaning, List<String> names, int size, ActionSpace space) {
    return ActionMapping.of(Optional.ofNullable(meaning), JOINTS, names, size, space, false);
  }

  private static ActionMapping guessed(List<String> names, ActionSpace space) {
    return ActionMapping.of(Optional.empty(), JOINTS, names, names.size(), space, false);
  }

  @Test
  void targetsBecomePositionsInTheMiddleOfTheirRange() {
    ActionMapping mapping = guessed(List.of("a.pos", "b.pos", "c.pos"), POSITIONS);
    mapping.begin(new double[] {9, 9, 9});
    mapping.add(new double[] {9, 9, 9}, new double[] {3, 7, -0.5});
    assertArrayEquals(new float[] {-0.5f, 0.5f}, mapping.action("here"));
    assertArrayEquals(new double[] {3, 7, -0.5}, mapping.targets().orElseThrow());
  }

  @Test
  void targetsBecomeStepsFromWhereTheKeptFrameWas() {
    ActionMapping mapping = guessed(JOINTS, DELTAS);
    mapping.begin(new double[] {1, 1, 1});
    mapping.add(new double[] {1, 1, 1}, new double[] {1.1, 1, 1});
    mapping.add(new double[] {1.1, 1, 1}, new double[] {1.2, 1, 0.75});
    assertArrayEquals(new float[] {-0.5f, 0.8f}, mapping.action("here"), 1e-6f);
  }

  @Test
  void stepsOfJointsAreAddedToWhatWasMeasured() {
    ActionMapping mapping =
        mapping(ActionMapping.Meaning.JOINT_DELTAS, List.of("x1", "x2", "x3"), 3, DELTAS);
    mapping.begin(new double[] {1, 1, 1});
    mapping.add(new double[] {1, 1, 1}, new double[] {0.1, 0, 0.1});
    mapping.add(new double[] {1.1, 1, 1.05}, new double[] {0.1, 0, 0.2});
    assertArrayEquals(new float[] {0.5f, 0.8f}, mapping.action("here"), 1e-6f);
    assertArrayEquals(new double[] {1.2, 1, 1.25}, mapping.targets().orElseThrow(), 1e-12);
  }

  @Test
  void stepsOfTheTipAreSummedAlongThePolicysAxes() {
    for (List<String> names :
        List.of(List.of("delta_x", "delta_y", "delta_z"), List.of("x", "y", "z"))) {
      ActionMapping mapping = guessed(names, TIP);
      mapping.begin(new double[3]);
      mapping.add(new double[3], new double[] {0.01, 0.5, -0.005});
      mapping.add(new double[3], new double[] {0.01, 0.5, -0.01});
      assertArrayEquals(new float[] {0.5f, -0.75f}, mapping.action("here"), 1e-6f);
      assertEquals(Optional.empty(), mapping.targets());
    }
  }

  @Test
  void whatCannotBeMappedIsRefusedWithTheRemedy() {
    Refusal.of(
        LerobotException.class,
        () -> guessed(JOINTS, TIP),
        "joint_positions",
        "kinematics",
        "joint_deltas");
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("x", "y"), DELTAS),
        "end_effector_deltas",
        "kinematics");
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("u", "v"), DELTAS),
        "[u, v] of 2 entries",
        "--action");
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("x", "y"), TIP),
        "the policy moves [x, z]",
        "[x, y]");
    Refusal.of(
        LerobotException.class,
        () -> mapping(ActionMapping.Meaning.END_EFFECTOR_DELTAS, JOINTS, 3, TIP),
        "are no end_effector_deltas");
    ActionSpace other = new ActionSpace.JointDeltas(List.of("d"), List.of(1.0));
    Refusal.of(
        LerobotException.class,
        () -> guessed(JOINTS, other),
        "the policy moves [d]",
        "--joint-names");
  }

  @Test
  void numbersThatAreNoneAreRefused() {
    ActionMapping mapping = guessed(JOINTS, DELTAS);
    mapping.begin(new double[] {1, 1, 1});
    mapping.add(new double[] {1, 1, 1}, new double[] {Double.NaN, 1, 1});
    Refusal.of(
        LerobotException.class, () -> mapping.action("here"), "here: the action for 'a' is NaN");
  }
}
