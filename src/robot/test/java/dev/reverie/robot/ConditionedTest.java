package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that is told what is carried out while it makes a chunk, and goes on from there. */
@Prepared
class ConditionedTest {
  private static final int HORIZON = 20;
  private static final float RISE = 0.02f;
  private static final float UNSAID = 0.9f;

  @TempDir Path folder;

  /**
   * Actions that rise from the last one that it was told of, or from 0; in the place of what it was
   * told of stands something far from it.
   *
   * @param products of two matrices of 1024 x 1024, which make no difference but take time
   */
  private static PolicyBundle bundle(int products, BundleSpec.Execution execution) {
    BundleSpec spec =
        TestBundles.steps(
            HORIZON,
            0.001,
            execution,
            BundleSpec.Limits.NONE,
            new InputSpec.ActionPrefix("decided", DType.F32),
            new InputSpec.ActionPrefixLength("count", DType.I64));
    int joints = PlanarArm.JOINTS.size();
    var graph = new GraphBuilder("conditioned");
    String state = TestBundles.seen(graph);
    String decided = graph.input("decided", DType.F32, 1, HORIZON, joints);
    String count = graph.input("count", DType.I64, 1);
    // Of none the last row, which is 0.
    String at = graph.node("Sub", count, graph.integers(1));
    String last = graph.node("Gather", Map.of("axis", 1L), decided, at); // [1, 1, D]
    float[] rows = new float[HORIZON];
    for (int k = 0; k < HORIZON; k++) {
      rows[k] = k;
    }
    String row = graph.constant(NdArray.of(rows, 1, HORIZON, 1));
    String known = graph.node("Cast", Map.of("to", (long) DType.F32.onnxCode()), count);
    String after = graph.node("Sub", row, known); // 0 at the first action that is its own
    String rise =
        graph.node(
            "Mul", graph.node("Add", after, graph.scalar(1)), graph.scalar(RISE)); // [1, K, 1]
    String own = graph.node("Add", rise, last); // [1, K, D]
    String isOwn = graph.node("Less", after, graph.scalar(0));
    String wanted = graph.node("Where", isOwn, graph.scalar(UNSAID), own);
    String nothing =
        graph.node("Mul", graph.node("ReduceSum", state, graph.integers(1)), graph.scalar(0));
    String square = graph.node("Expand", nothing, graph.integers(1024, 1024));
    String product = square;
    for (int i = 0; i < products; i++) {
      product = graph.node("MatMul", product, square);
    }
    String still = graph.node("ReduceSum", Map.of("keepdims", 0L), product, graph.integers(0, 1));
    graph.output(graph.node("Add", wanted, still), "wanted", DType.F32, 1, HORIZON, joints);
    return PolicyBundle.of(spec, graph.model(), Map.of());
  }

  private RunningRobot robot(int products, BundleSpec.Execution execution, String... parameters) {
    Path bundle = folder.resolve("bundle");
    bundle(products, execution).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
    robot.arm.describe(PlanarArm.xml());
    return robot;
  }

  private static boolean isPolicys(Step step) {
    return step.command().source().equals(Command.POLICY);
  }

  /**
   * Goes through what was carried out, and requires of each chunk that it goes on from what was
   * carried out since its observation, of which it was told.
   *
   * @return how many chunks were told of something
   */
  private static int requireGoesOn(Episode episode) {
    Map<Integer, ActionChunk> chunks = new HashMap<>();
    episode.chunks().forEach(chunk -> chunks.put(chunk.index(), chunk));
    float[] before = new float[3];
    int told = 0;
    int playing = -1;
    for (Step step : episode.steps().stream().filter(ConditionedTest::isPolicys).toList()) {
      Command command = step.command();
      if (command.chunk() != playing) {
        ActionChunk chunk = Objects.requireNonNull(chunks.get(command.chunk()));
        int decided = 0;
        while (chunk.actions()[3 * decided] == UNSAID) {
          decided++;
        }
        assertEquals(decided, command.action(), "it begins behind what it was told of");
        if (decided > 0) {
          told++;
        } else {
          Arrays.fill(before, 0);
        }
        playing = command.chunk();
      }
      float next = Math.min(1, before[0] + RISE);
      assertArrayEquals(new float[] {next, next, next}, step.action(), 1e-5f);
      before = step.action();
    }
    return told;
  }

  @Test
  void aSlowPolicyIsToldOfTheActionsThatGoOnMeanwhileAndTakesOverBehindThem() throws Exception {
    try (var robot = robot(4, BundleSpec.Execution.WHOLE)) {
      robot.arm.run(30);
      var handle = robot.send(RunningRobot.goal().withTimeLimit(new Duration(6, 0)));
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertTrue(requireGoesOn(episode) >= 2, "chunks that were told of something");
    }
  }

  @Test
  void afterAPersonNothingGoesOnSoThatThereIsNothingToTellOf() throws Exception {
    try (var robot = robot(4, BundleSpec.Execution.WHOLE)) {
      robot.arm.run(30);
      var handle = robot.send(RunningRobot.goal());
      robot.arm.await(Command.POLICY);
      double[] stay = robot.arm.positions.clone();
      for (int i = 0; i < 4; i++) {
        robot.arm.command(0, stay);
        Thread.sleep(100);
      }
      robot.arm.await(Command.TELEOP);
      robot.arm.await(Command.POLICY);
      robot.arm.await(Command.POLICY); // the outcome is at the last one, which does not count
      robot.label("", Outcome.SUCCESS, 0);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      requireGoesOn(episode);
      Step first =
          episode.steps().stream()
              .dropWhile(step -> !step.command().source().equals(Command.TELEOP))
              .filter(ConditionedTest::isPolicys)
              .findFirst()
              .orElseThrow();
      assertEquals(0, first.command().action());
      assertEquals(RISE, first.action()[0], 1e-5f);
    }
  }

  @Test
  void inLockStepThereIsNothingToTellOf() throws Exception {
    try (var robot = robot(0, new BundleSpec.Execution(3, -1), "lock_step:=true")) {
      robot.arm.positions = PlanarArm.inverse(0.5, 0.4);
      var handle = robot.send(RunningRobot.goal().withTemperature(0));
      for (long t = 1; t <= 7; t++) {
        robot.arm.observe(t * TestArm.PERIOD_NANOS);
        robot.arm.follow();
      }
      robot.label("", Outcome.SUCCESS, 7 * TestArm.PERIOD_NANOS);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals(0, requireGoesOn(episode));
      assertEquals(3, episode.chunks().size());
    }
  }
}
