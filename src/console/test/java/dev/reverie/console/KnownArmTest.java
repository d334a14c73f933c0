package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.PlanarArm;
import dev.reverie.console.ChunkStory.Playing;
import dev.reverie.console.ChunkStory.Rest;
import dev.reverie.console.KnownArm.Paths;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rollout.JointNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Compares the ways on which chunks lead the planar arm with the closed forms of its kinematics.
 */
class KnownArmTest {
  private static final double[] START = PlanarArm.inverse(0.4, 0.4);

  private static KnownArm arm(ActionSpace space, JointNames names, String urdf) {
    var camera = new BundleSpec.Camera("camera", 16, 16);
    var task = new Task(List.of(camera), PlanarArm.JOINTS, space, new BundleSpec.Chunk(4, 0.1));
    return new KnownArm(urdf, names, task, Optional.empty());
  }

  static KnownArm arm(ActionSpace space) {
    return arm(space, JointNames.SAME, PlanarArm.xml());
  }

  private static Rest rest(int from, int dimensions, float... actions) {
    return new Rest(
        new ActionChunk()
            .withEpisodeId("e")
            .withHorizon(actions.length / dimensions)
            .withActionDim(dimensions)
            .withActions(actions),
        from);
  }

  private static Command sent(double... positions) {
    return new Command()
        .withJointNames(PlanarArm.JOINTS)
        .withMeasuredPositions(START)
        .withPositions(positions);
  }

  static Map<String, Double> measured(String prefix) {
    Map<String, Double> all = new HashMap<>();
    for (int i = 0; i < START.length; i++) {
      all.put(prefix + PlanarArm.JOINTS.get(i), START[i]);
    }
    return all;
  }

  private static double[] joints(Map<String, Double> positions, String prefix) {
    return PlanarArm.JOINTS.stream().mapToDouble(name -> positions.get(prefix + name)).toArray();
  }

  private static void assertTips(List<Map<String, Double>> path, double[]... tips) {
    assertEquals(tips.length, path.size());
    for (int i = 0; i < tips.length; i++) {
      assertArrayEquals(tips[i], PlanarArm.forward(joints(path.get(i), "")), 2e-4, "point " + i);
    }
  }

  @Test
  void stepsOfTheTipGoOnFromWhereTheArmWasLastSent() {
    // Of 4 cm at 1; the first of the chunk is carried out.
    Rest plays = rest(1, 2, 0.5f, 0, 0.5f, 0, 0, -0.5f);
    Rest next = rest(0, 2, 0.25f, 0);
    var playing =
        new Playing(
            List.of(sent(START), sent(PlanarArm.inverse(0.42, 0.4))),
            Optional.of(plays),
            Optional.of(next));
    Paths paths = arm(PlanarArm.SPACE).paths(playing, measured(""));
    assertTips(paths.done(), new double[] {0.4, 0.4}, new double[] {0.42, 0.4});
    assertTips(
        paths.ahead(),
        new double[] {0.42, 0.4},
        new double[] {0.44, 0.4},
        new double[] {0.44, 0.38});
    assertTips(paths.next(), new double[] {0.42, 0.4}, new double[] {0.43, 0.4});
  }

  @Test
  void stepsOfJointsAddUpAndPositionsOfJointsAreTaken() {
    var deltas = new ActionSpace.JointDeltas(PlanarArm.JOINTS, List.of(0.1, 0.2, 0.4));
    Rest steps = rest(0, 3, 1, 0, 0, 0.5f, 0, 0.5f);
    var first = new Playing(List.of(), Optional.empty(), Optional.of(steps));
    List<Map<String, Double>> path = arm(deltas).paths(first, measured("")).next();
    assertEquals(3, path.size());
    assertArrayEquals(START, joints(path.get(0), ""), 1e-12);
    assertArrayEquals(
        new double[] {START[0] + 0.15, START[1], START[2] + 0.2}, joints(path.get(2), ""), 1e-6);
    var positions =
        new ActionSpace.JointPositions(
            PlanarArm.JOINTS, List.of(-3.0, 0.5, -1.0), List.of(-1.0, 2.5, 1.0));
    path = arm(positions).paths(first, measured("")).next();
    assertArrayEquals(new double[] {-1.5, 1.5, 0.5}, joints(path.get(2), ""), 1e-6);
  }

  @Test
  void jointsAreCalledAsInMessages() {
    String urdf = PlanarArm.xml().replaceAll("joint name=\"", "joint name=\"left_");
    var deltas = new ActionSpace.JointDeltas(PlanarArm.JOINTS, List.of(0.1, 0.1, 0.1));
    KnownArm arm = arm(deltas, new JointNames(Map.of(), "left_"), urdf);
    assertEquals(Optional.of("hand"), arm.tip()); // which nobody names
    var first = new Playing(List.of(), Optional.empty(), Optional.of(rest(0, 3, 1, 0, 0)));
    List<Map<String, Double>> path = arm.paths(first, measured("left_")).next();
    assertEquals(START[0] + 0.1, joints(path.get(1), "left_")[0], 1e-6);
  }

  @Test
  void aPolicyOfAGripperAloneHasNoTipAndKeepsItsLimits() {
    var camera = new BundleSpec.Camera("camera", 16, 16);
    var task =
        new Task(
            List.of(camera),
            List.of("wrist"),
            new ActionSpace.BinaryGripper("wrist", 0, 1),
            new BundleSpec.Chunk(4, 0.1));
    var arm = new KnownArm(PlanarArm.xml(), JointNames.SAME, task, Optional.empty());
    assertEquals(Optional.empty(), arm.tip());
    assertEquals("wrist", arm.bounds().getFirst().joint());
  }

  @Test
  void aChunkOfAnotherPolicyOrAnArmThatIsNotMeasuredLeadsNowhere() {
    KnownArm arm = arm(PlanarArm.SPACE);
    var other = new Playing(List.of(), Optional.empty(), Optional.of(rest(0, 3, 1, 0, 0)));
    assertEquals(Paths.NONE, arm.paths(other, measured("")));
    var wrong = new Playing(List.of(), Optional.empty(), Optional.of(rest(0, 2, Float.NaN, 0)));
    assertEquals(Paths.NONE, arm.paths(wrong, measured("")));
    var own = new Playing(List.of(), Optional.empty(), Optional.of(rest(0, 2, 1, 0)));
    assertEquals(Paths.NONE, arm.paths(own, Map.of("elbow", 1.0)));
  }
}
