package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.DType;
import dev.reverie.policy.GraphBuilder;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.HeadSpec;
import dev.reverie.policy.InputSpec;
import dev.reverie.policy.Language;
import dev.reverie.policy.Normalisation;
import dev.reverie.policy.ParameterSpec;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy that looks back, and whose bundle says how many of its actions are carried out. */
@Prepared
class LookingBackTest {
  private static final long PERIOD = TestArm.PERIOD_NANOS;
  private static final int HORIZON = 4;
  private static final int CARRIED_OUT = 2;

  /** A tenth of where the first two joints were two periods before. */
  private static PolicyBundle bundle() {
    BundleSpec usual = TestBundles.spec();
    var inputs =
        List.<InputSpec>of(
            new InputSpec.Camera(
                "pixels",
                List.of("camera"),
                DType.F16,
                InputSpec.Layout.NCHW,
                InputSpec.Range.UNIT,
                Normalisation.NONE,
                InputSpec.History.PRESENT),
            new InputSpec.Joints(
                "state", DType.F32, 0, Normalisation.NONE, new InputSpec.History(2, 2)));
    var spec =
        new BundleSpec(
            2,
            usual.cameras(),
            usual.jointNames(),
            usual.actionSpace(),
            new BundleSpec.Chunk(HORIZON, 0.1),
            new GraphSpec(
                new TreeMap<>(Map.of("act", "policy.onnx")),
                inputs,
                new TreeMap<>(Map.of("actions", "wanted")),
                GraphSpec.Actions.PLAIN),
            new HeadSpec.Regression(List.of(0.1, 0.1)),
            Language.none(),
            new ParameterSpec(List.of(), List.of(), ParameterSpec.Adapters.NONE),
            new BundleSpec.Execution(CARRIED_OUT, -1),
            BundleSpec.Limits.NONE,
            BundleSpec.Probe.DEFAULT,
            BundleSpec.Lineage.NONE,
            new TreeMap<>());
    BundleSpec.Camera camera = usual.cameras().getFirst();
    var graph = new GraphBuilder("back");
    graph.input("pixels", DType.F16, 1, 3, camera.height(), camera.width());
    int joints = usual.jointNames().size();
    String state = graph.input("state", DType.F32, 1, 2, joints);
    String old =
        graph.node(
            "Slice", state, graph.integers(0, 0), graph.integers(1, 2), graph.integers(1, 2));
    String wanted = graph.node("Expand", old, graph.integers(1, HORIZON, 2));
    graph.output(graph.node("Mul", wanted, graph.scalar(0.1f)), "wanted", DType.F32, 1, HORIZON, 2);
    return PolicyBundle.of(spec, graph.model(), Map.of());
  }

  @Test
  void aChunkKnowsWhatWasSeenBeforeAndTheBundleSaysWhenTheNextOneComes(@TempDir Path folder)
      throws Exception {
    Path bundle = folder.resolve("bundle");
    bundle().save(bundle);
    try (var robot = new RunningRobot(bundle, folder.resolve("rollouts"), "lock_step:=true")) {
      robot.arm.describe(PlanarArm.xml());
      robot.arm.positions = PlanarArm.inverse(0.5, 0.4);
      var handle = robot.send(RunningRobot.goal().withTemperature(0).withSeed(1));
      List<double[]> seen = new ArrayList<>();
      for (long t = 1; t <= 8; t++) {
        seen.add(robot.arm.positions.clone());
        robot.arm.observe(t * PERIOD);
        robot.arm.follow();
      }
      robot.label("", Outcome.FAILURE, 8 * PERIOD);
      RunningRobot.end(handle);
      for (int i = 0; i < 4; i++) {
        ActionChunk chunk = TestArm.take(robot.arm.chunks, "chunk");
        int t = (int) (Stamps.nanos(chunk.observationStamps().getFirst()) / PERIOD);
        assertEquals(1 + i * CARRIED_OUT, t);
        double[] old = seen.get(Math.max(0, t - 1 - 2));
        float[] first = {chunk.actions()[0], chunk.actions()[1]};
        assertArrayEquals(
            new float[] {(float) (0.1 * old[0]), (float) (0.1 * old[1])}, first, 1e-6f);
      }
    }
  }
}
