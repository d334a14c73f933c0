package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.reverie.SwapPolicy;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy gets no more time and memory than its bundle allows. */
@Prepared
class BundleLimitsTest {
  @TempDir Path folder;

  /**
   * A policy that stands still; it thinks for seconds unless all joints are at 0, as they are in
   * the observation that warms it up.
   *
   * @param least number of rows of the matrix that it thinks with at 0
   * @param megabytes of a weight that makes no difference
   */
  private Path bundle(String name, BundleSpec.Limits limits, int least, int megabytes) {
    BundleSpec spec = TestBundles.steps(4, 0.1, BundleSpec.Execution.WHOLE, limits);
    int joints = PlanarArm.JOINTS.size();
    var graph = new GraphBuilder("thinking");
    String state = TestBundles.seen(graph);
    String sum = graph.node("ReduceSum", graph.node("Abs", state), graph.integers(1)); // [1, 1]
    String much = graph.node("Mul", graph.node("Sign", sum), graph.scalar(1024 - least));
    String rows = graph.node("Add", much, graph.scalar(least));
    String row = graph.node("Reshape", rows, graph.integers(1));
    String length = graph.node("Cast", Map.of("to", (long) DType.I64.onnxCode()), row);
    String shape = graph.node("Concat", Map.of("axis", 0L), length, length);
    String zero = graph.node("Mul", sum, graph.scalar(0));
    String square = graph.node("Expand", zero, shape);
    String product = square;
    for (int i = 0; i < 200; i++) {
      product = graph.node("MatMul", product, square);
    }
    String still = graph.node("ReduceSum", Map.of("keepdims", 0L), product, graph.integers(0, 1));
    if (megabytes > 0) {
      var heavy = NdArray.of(new float[megabytes << 18], megabytes, 1 << 18);
      String weight = graph.weight("heavy", heavy);
      still =
          graph.node(
              "Add",
              still,
              graph.node(
                  "ReduceSum",
                  Map.of("keepdims", 0L),
                  graph.node("Mul", weight, zero),
                  graph.integers(0, 1)));
    }
    String all = graph.node("Reshape", still, graph.integers(1, 1, 1));
    graph.output(
        graph.node("Expand", all, graph.integers(1, 4, joints)), "wanted", DType.F32, 1, 4, joints);
    Path saved = folder.resolve(name);
    PolicyBundle.of(spec, graph.model(), graph.weights()).save(saved);
    return saved;
  }

  private RunningRobot robot(Path bundle, String... parameters) {
    return new RunningRobot(bundle, folder.resolve("rollouts"), parameters);
  }

  @Test
  void anInferenceThatTakesTooLongIsEndedAndTheArmHoldsAndSaysWhy() throws Exception {
    Path bundle = bundle("bundle", new BundleSpec.Limits(0, 0.3, 0), 1, 0);
    try (var robot = robot(bundle, "observation_timeout_s:=2.0")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.run(20);
      var handle = robot.send(RunningRobot.goal());
      Status status = robot.arm.awaitHold("limits.inference_s");
      assertEquals(Hold.POLICY_FAILED, status.hold().kind());
      assertTrue(status.holdReason().contains("ended after the 0.3 s"), status.holdReason());
      RunPolicy.Result result = RunningRobot.end(handle);
      assertEquals(Outcome.ABORTED, result.outcome().outcome());
      assertTrue(result.outcome().reason().contains("limits.inference_s"), "" + result.outcome());
    }
  }

  @Test
  void aPolicyThatIsTooSlowOrTooLargeDoesNotBegin() {
    Path slow = bundle("slow", new BundleSpec.Limits(0, 0.001, 0), 100, 0);
    Refusal.of(
        BundleException.class,
        () -> robot(slow).close(),
        "s an inference on this machine",
        "0.001 s (limits.inference_s)",
        "use a smaller policy");
    Path large = bundle("large", new BundleSpec.Limits(0, 0, 20), 1, 60);
    Refusal.of(
        BundleException.class,
        () -> robot(large).close(),
        "MiB of memory",
        "20 MiB (limits.memory_mb)");
    Path late = bundle("late", new BundleSpec.Limits(0.001, 0, 0), 1, 0);
    Refusal.of(
        BundleException.class, () -> robot(late).close(), "s to load", "0.001 s (limits.load_s)");
  }

  @Test
  void aFirstPolicyThatTakesMoreThanTheNodeAllowsEndsTheNodeAtItsStart() {
    Path large = folder.resolve("large");
    OddBundles.large(2000).save(large);
    Refusal.of(
        RobotException.class,
        () -> robot(large, "swap.memory_mb:=600").close(),
        "policy bundle '" + large + "' takes more than 600 MB of memory",
        "set swap.memory_mb");
  }

  @Test
  void aPolicyThatIsTooSlowOrTooLargeIsNotSwappedIn() throws Exception {
    Path first = bundle("first", BundleSpec.Limits.NONE, 1, 0);
    Path large = bundle("large", new BundleSpec.Limits(0, 0, 20), 1, 60);
    Path slow = bundle("slow", new BundleSpec.Limits(0, 0.001, 0), 100, 0);
    try (var robot = robot(first)) {
      SwapPolicy.Response answer = robot.swap(large);
      assertFalse(answer.success());
      assertTrue(answer.message().contains("limits.memory_mb"), answer.message());
      answer = robot.swap(slow);
      assertFalse(answer.success());
      assertTrue(answer.message().contains("limits.inference_s"), answer.message());
    }
  }
}
