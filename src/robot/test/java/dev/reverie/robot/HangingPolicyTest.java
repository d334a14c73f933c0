package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.PolicyEvent;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rcljava.Qos;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An inference that does not end, and cannot be ended, holds up nothing but itself. */
@Prepared
class HangingPolicyTest {
  private static final double SHOULDER = PlanarArm.inverse(0.4, 0.43)[0]; // where the arm begins

  @TempDir Path folder;
  private final BlockingQueue<PolicyEvent> events = new LinkedBlockingQueue<>();

  /**
   * A policy of steps that are always the same.
   *
   * @param rows of the square matrices whose one product it waits for once the shoulder has moved;
   *     of 6000 it takes ten seconds and more; 0: it waits for nothing
   */
  private Path bundle(String name, int horizon, float step, int rows) {
    int joints = PlanarArm.JOINTS.size();
    var graph = new GraphBuilder(name);
    String shoulder =
        graph.node(
            "Gather", Map.of("axis", 1L), TestBundles.seen(graph), graph.integers(0)); // [1, 1]
    String moved = graph.node("Sub", shoulder, graph.scalar((float) SHOULDER));
    // At 0 it is warmed up, and where it begins it is tried.
    String away = graph.node("Min", graph.node("Abs", moved), graph.node("Abs", shoulder));
    String late =
        graph.node(
            "Cast",
            Map.of("to", (long) DType.F32.onnxCode()),
            graph.node("Greater", away, graph.scalar(0.02f)));
    String size = graph.node("Add", graph.node("Mul", late, graph.scalar(rows)), graph.scalar(1));
    String row = graph.node("Reshape", size, graph.integers(1));
    String length = graph.node("Cast", Map.of("to", (long) DType.I64.onnxCode()), row);
    String shape = graph.node("Concat", Map.of("axis", 0L), length, length);
    String zero = graph.node("Mul", shoulder, graph.scalar(0));
    String square = graph.node("Expand", zero, shape);
    String product = graph.node("MatMul", square, square);
    String nothing = graph.node("ReduceSum", Map.of("keepdims", 0L), product, graph.integers(0, 1));
    float[] steps = new float[horizon * joints];
    Arrays.fill(steps, step);
    String wanted = graph.weight("steps", NdArray.of(steps, 1, horizon, joints));
    graph.output(
        graph.node("Add", wanted, graph.node("Reshape", nothing, graph.integers(1, 1, 1))),
        "wanted",
        DType.F32,
        1,
        horizon,
        joints);
    BundleSpec spec =
        TestBundles.steps(horizon, 0.1, BundleSpec.Execution.WHOLE, BundleSpec.Limits.NONE);
    Path saved = folder.resolve(name);
    PolicyBundle.of(spec, graph.model(), graph.weights()).save(saved);
    return saved;
  }

  private RunningRobot robot(Path bundle) {
    var robot =
        new RunningRobot(
            bundle,
            folder.resolve("rollouts"),
            "observation_timeout_s:=10.0",
            "inference_timeout_s:=0.3");
    robot.arm.node.createSubscription(
        PolicyEvent.TYPE, "robot/policy_event", Qos.transientLocal(20), events::add);
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(20);
    return robot;
  }

  @Test
  void aPolicyThatHangsIsSentBackAndTheOneBeforeGoesOn() throws Exception {
    Path sound = bundle("sound", 4, 0.3f, 0);
    Path hangs = bundle("hangs", 4, 0.3f, 6000);
    try (var robot = robot(sound)) {
      assertTrue(robot.swap(hangs).success());
      var handle = robot.send(RunningRobot.goal());
      PolicyEvent event;
      do {
        event = events.poll(60, TimeUnit.SECONDS);
      } while (event != null && event.state() != PolicyEvent.ROLLED_BACK);
      assertTrue(event != null && event.reason().contains("cannot be ended"), "" + event);
      robot.arm.commands.clear();
      for (int i = 0; i < 3; i++) {
        robot.arm.await(Command.POLICY);
      }
      robot.label("", Outcome.FAILURE, 0);
      RunningRobot.end(handle);
    }
  }

  @Test
  void aFirstPolicyThatHangsHoldsTheArmAndTheNodeStillAnswersAndEnds() throws Exception {
    Path hangs = bundle("hangs", 4, 0.3f, 6000);
    long ends;
    try (var robot = robot(hangs)) {
      var _ = robot.send(RunningRobot.goal());
      Status status = robot.arm.awaitHold("cannot be ended");
      assertEquals(Hold.POLICY_FAILED, status.hold().kind());
      assertFalse(robot.trigger("rollback_policy").success());
      ends = System.nanoTime();
    }
    double tookS = (System.nanoTime() - ends) / 1e9;
    assertTrue(tookS < 60, tookS + " s to the end");
  }

  @Test
  void aRollbackDropsTheChunkThatPlays() throws Exception {
    Path slow = bundle("slow", 60, 0.05f, 0);
    Path fast = bundle("fast", 60, 0.2f, 0); // its chunk lasts six seconds
    try (var robot = robot(slow)) {
      assertTrue(robot.swap(fast).success());
      var handle = robot.send(RunningRobot.goal());
      for (int i = 0; i < 3; i++) {
        robot.arm.await(Command.POLICY);
      }
      long began = System.nanoTime();
      var answer = robot.trigger("rollback_policy");
      double tookS = (System.nanoTime() - began) / 1e9;
      assertTrue(answer.success(), answer.message());
      assertTrue(tookS < 4, "it waited for the chunk: " + tookS + " s");
      robot.arm.commands.clear();
      Command command = robot.arm.await(Command.POLICY);
      assertTrue(command.chunk() > 0 && command.action() < 40, "a chunk of its own: " + command);
      robot.label("", Outcome.FAILURE, 0);
      RunningRobot.end(handle);
    }
  }
}
