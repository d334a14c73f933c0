package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.importer.JointUnit;
import dev.reverie.policy.ActionSpace;
import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

  private static final ActionSpace POSE_AND_GRIPPER =
      new ActionSpace.Parts(
          List.of(
              new ActionSpace.EndEffectorPoseDelta(
                  "base",
                  "tip",
                  List.of("x", "z"),
                  List.of(0.04, 0.02),
                  List.of("rx", "ry", "rz"),
                  List.of(0.5, 0.5, 2.0),
                  true,
                  new ActionSpace.Workspace(List.of(0.0, 0.0), List.of(1.0, 1.0))),
              new ActionSpace.JointPositions(List.of("c"), List.of(0.0), List.of(4.0))));
  private static final double[] AFTER = {7, 8, 9};
  private static final JointUnits RAD = units(JointUnit.RAD);

  private static JointUnits units(JointUnit unit) {
    return new JointUnits(JOINTS, List.of(unit, unit, unit), unit, List.of());
  }

  private static ActionMapping mapping(
      ActionMapping.Meaning meaning, List<String> names, int size, ActionSpace space) {
    return ActionMapping.of(
        Optional.ofNullable(meaning), JOINTS, names, size, space, Set.of(), false);
  }

  private static ActionMapping guessed(List<String> names, ActionSpace space) {
    return ActionMapping.of(Optional.empty(), JOINTS, names, names.size(), space, Set.of(), false);
  }

  @Test
  void targetsBecomePositionsInTheMiddleOfTheirRange() {
    ActionMapping mapping = guessed(List.of("a.pos", "b.pos", "c.pos"), POSITIONS);
    mapping.begin(new double[] {9, 9, 9});
    mapping.add(new double[] {9, 9, 9}, new double[] {3, 7, -0.5}, RAD, "here");
    assertArrayEquals(new float[] {-0.5f, 0.5f}, mapping.action("here"));
    assertArrayEquals(new double[] {3, 7, -0.5}, mapping.targets(AFTER));
  }

  @Test
  void targetsBecomeStepsFromWhereTheKeptFrameWas() {
    ActionMapping mapping = guessed(JOINTS, DELTAS);
    mapping.begin(new double[] {1, 1, 1});
    mapping.add(new double[] {1, 1, 1}, new double[] {1.1, 1, 1}, RAD, "here");
    mapping.add(new double[] {1.1, 1, 1}, new double[] {1.2, 1, 0.75}, RAD, "here");
    assertArrayEquals(new float[] {-0.5f, 0.8f}, mapping.action("here"), 1e-6f);
  }

  @Test
  void targetsAreThoseOfTheJointsThatTheirNamesSay() {
    for (List<String> names : List.of(List.of("c.pos", "b.pos", "a.pos"), List.of("c", "a"))) {
      ActionMapping mapping = guessed(names, POSITIONS);
      double[] action = names.size() == 3 ? new double[] {-0.5, 7, 3} : new double[] {-0.5, 3};
      mapping.begin(new double[3]);
      mapping.add(new double[3], action, RAD, "here");
      assertArrayEquals(new float[] {-0.5f, 0.5f}, mapping.action("here"));
      assertArrayEquals(new double[] {3, names.size() == 3 ? 7 : 8, -0.5}, mapping.targets(AFTER));
    }
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("c", "b", "other"), POSITIONS),
        "0 is 'c' and would be taken for 'a'");
  }

  @Test
  void stepsOfJointsAreAddedToWhatWasMeasured() {
    ActionMapping mapping =
        mapping(ActionMapping.Meaning.JOINT_DELTAS, List.of("x1", "x2", "x3"), 3, DELTAS);
    mapping.begin(new double[] {1, 1, 1});
    mapping.add(new double[] {1, 1, 1}, new double[] {0.1, 0, 0.1}, RAD, "here");
    mapping.add(new double[] {1.1, 1, 1.05}, new double[] {0.1, 0, 0.2}, RAD, "here");
    assertArrayEquals(new float[] {0.5f, 0.8f}, mapping.action("here"), 1e-6f);
    assertArrayEquals(new double[] {1.2, 1, 1.25}, mapping.targets(AFTER), 1e-12);
  }

  @Test
  void stepsOfTheTipAreSummedAlongThePolicysAxes() {
    for (List<String> names :
        List.of(List.of("delta_x", "delta_y", "delta_z"), List.of("x", "y", "z"))) {
      ActionMapping mapping = guessed(names, TIP);
      mapping.begin(new double[3]);
      mapping.add(new double[3], new double[] {0.01, 0.5, -0.005}, RAD, "here");
      mapping.add(new double[3], new double[] {0.01, 0.5, -0.01}, RAD, "here");
      assertArrayEquals(new float[] {0.5f, -0.75f}, mapping.action("here"), 1e-6f);
      assertArrayEquals(AFTER, mapping.targets(AFTER));
    }
  }

  @Test
  void aTipThatTurnsAndAGripperAreTakenByTheirNames() {
    for (List<String> names :
        List.of(
            List.of("delta_x", "delta_y", "delta_z", "delta_rx", "delta_ry", "delta_rz", "c.pos"),
            List.of("x", "y", "z", "roll", "pitch", "yaw", "c"),
            List.of("ee.x", "ee.y", "ee.z", "ee.wx", "ee.wy", "ee.wz", "c.pos"))) {
      ActionMapping mapping = guessed(names, POSE_AND_GRIPPER);
      mapping.begin(new double[3]);
      double[] action = {0.02, 0.5, -0.01, 0, 0, 0.5, 3};
      mapping.add(new double[3], action, RAD, "here");
      assertArrayEquals(
          new float[] {0.5f, -0.5f, 0, 0, 0.25f, 0.5f}, mapping.action("here"), 1e-6f);
      assertArrayEquals(new double[] {7, 8, 3}, mapping.targets(AFTER));
      mapping.begin(new double[3]);
      assertThrows(LerobotException.class, () -> mapping.action("nothing was added"));
    }
  }

  @Test
  void turnsOfFramesThatAreLeftOutFollowEachOther() {
    List<String> names = List.of("x", "z", "rx", "ry", "rz", "c");
    ActionMapping mapping = guessed(names, POSE_AND_GRIPPER);
    mapping.begin(new double[3]);
    JointUnits degrees = units(JointUnit.DEG);
    // A quarter about x, then one about z, is a third of a turn about (1, 1, 1) or its like.
    mapping.add(new double[3], new double[] {0, 0, 90, 0, 0, 0}, degrees, "here");
    mapping.add(new double[3], new double[] {0, 0, 0, 0, 90, 57.29577951308232}, degrees, "here");
    ActionSpace wide =
        new ActionSpace.EndEffectorPoseDelta(
            "base",
            "tip",
            List.of("x"),
            List.of(1.0),
            List.of("rx", "ry", "rz"),
            List.of(3.0, 3.0, 3.0),
            true,
            new ActionSpace.Workspace(List.of(0.0), List.of(1.0)));
    ActionMapping turns = guessed(List.of("x", "rx", "ry", "rz"), wide);
    turns.begin(new double[3]);
    turns.add(new double[3], new double[] {0, 90, 0, 0}, degrees, "here");
    turns.add(new double[3], new double[] {0, 0, 0, 90}, degrees, "here");
    float third = (float) (2 * Math.PI / 3 / Math.sqrt(3) / 3);
    assertArrayEquals(new float[] {0, third, third, third}, turns.action("here"), 1e-6f);
    Refusal.of(LerobotException.class, () -> mapping.action("here"), "'rx' is 2.418", "--clamp");
  }

  @Test
  void aGripperThatIsNoJointAndTwoTipsAreRefused() {
    List<String> open = List.of("x", "z", "rx", "ry", "rz", "open");
    Refusal.of(LerobotException.class, () -> guessed(open, POSE_AND_GRIPPER), "open", "--action");
    Refusal.of(
        LerobotException.class,
        () -> mapping(ActionMapping.Meaning.END_EFFECTOR_DELTAS, open, 6, POSE_AND_GRIPPER),
        "are no end_effector_deltas",
        "the joints [a, b, c]",
        "--joint-names");
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("x", "z", "rx", "ry", "rz"), POSE_AND_GRIPPER),
        "the policy moves [x, z, rx, ry, rz, c]");
    Refusal.of(
        LerobotException.class,
        () -> guessed(List.of("x", "z"), new ActionSpace.Parts(List.of(TIP, TIP))),
        "moves 2 tips");
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
    double[] action = {Double.NaN, 1, 1};
    Refusal.of(
        LerobotException.class,
        () -> mapping.add(new double[] {1, 1, 1}, action, RAD, "here"),
        "here has NaN for 'a'");
  }

  @Test
  void aJointThatTurnsOnAndOnGoesTheShortWayThroughPi() {
    double[] measured = {3.1, 0, -3.1};
    double[] action = {-3.1, 0, 3.0};
    for (ActionSpace space : List.of(DELTAS, POSITIONS)) {
      ActionMapping mapping =
          ActionMapping.of(Optional.empty(), JOINTS, JOINTS, 3, space, Set.of("a", "c"), false);
      mapping.begin(measured);
      mapping.add(measured, action, RAD, "here");
      double turn = 2 * Math.PI;
      float[] expected =
          space == DELTAS
              ? new float[] {(float) ((6.1 - turn) / 0.5), (float) ((turn - 6.2) / 0.25)}
              : new float[] {0, (float) ((turn - 3.1 - 2) / 2)};
      if (space == DELTAS) {
        assertArrayEquals(expected, mapping.action("here"), 1e-6f);
      } else {
        Refusal.of(LerobotException.class, () -> mapping.action("here"), "'c' is 3");
        mapping.begin(measured);
        mapping.add(measured, new double[] {-3.1, 0, turn}, RAD, "here");
        assertArrayEquals(expected, mapping.action("here"), 1e-6f);
      }
    }
  }

  @Test
  void aStepOfMoreThanHalfATurnIsToldWhatToDo() {
    double[] measured = {3.1, 0, 0};
    for (boolean clamp : List.of(false, true)) {
      ActionMapping mapping =
          ActionMapping.of(Optional.empty(), JOINTS, JOINTS, 3, DELTAS, Set.of(), clamp);
      mapping.begin(measured);
      mapping.add(measured, new double[] {-3.1, 0, 0}, RAD, "here");
      Refusal.of(
          LerobotException.class,
          () -> mapping.action("here"),
          "'a' is at 3.100 rad and is sent to -3.100 rad",
          "--continuous a",
          "0.083 rad");
    }
  }
}
