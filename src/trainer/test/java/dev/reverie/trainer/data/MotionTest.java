package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;

import dev.reverie.policy.ActionSpace;
import dev.reverie.policy.ActionSpace.Workspace;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Motions of which recorded actions mean the same to a policy. */
class MotionTest {
  private static final Path BAG = Path.of("bag");
  private static final ActionSpace TIP = tip("tool", 0.04, 0.3);

  private static ActionSpace tip(String link, double scale, double reach) {
    return new ActionSpace.EndEffectorDelta(
        "base",
        link,
        List.of("x"),
        List.of(scale),
        true,
        new Workspace(List.of(-reach), List.of(reach)));
  }

  private static void recorded(ActionSpace space, double periodS, ActionSpace policy) {
    Task task =
        new Task(
            List.of(new BundleSpec.Camera("camera", 48, 48)),
            List.of("a"),
            space,
            new BundleSpec.Chunk(4, periodS));
    new Motion(policy, 0.1).require("{\"task\": " + task.json() + "}", BAG);
  }

  private static void refused(ActionSpace space, double periodS, String... told) {
    Refusal.of(TrainerException.class, () -> recorded(space, periodS, TIP), told);
  }

  @Test
  void anotherScaleTipKindOrPeriodIsRefusedWithBoth() {
    refused(tip("tool", 0.01, 0.3), 0.1, "bag was recorded", "[0.01] m", "[0.04] m");
    refused(tip("hand", 0.04, 0.3), 0.1, "'hand'", "'tool'");
    refused(TIP, 0.5, "every 0.5 s", "every 0.1 s");
    refused(
        new ActionSpace.JointDeltas(List.of("a"), List.of(0.04)), 0.1, "motions of [a]", "'tool'");
    refused(
        new ActionSpace.Parts(
            List.of(TIP, new ActionSpace.JointDeltas(List.of("a"), List.of(0.1)))),
        0.1,
        "and motions of [a]");
    ActionSpace positions =
        new ActionSpace.JointPositions(List.of("a"), List.of(-1.0), List.of(1.0));
    ActionSpace wider = new ActionSpace.JointPositions(List.of("a"), List.of(-2.0), List.of(2.0));
    Refusal.of(TrainerException.class, () -> recorded(wider, 0.1, positions), "[-2.0] to [2.0]");
  }

  @Test
  void anotherWorkspaceARoundedPeriodOrNothingToldIsAccepted() {
    assertDoesNotThrow(() -> recorded(tip("tool", 0.04, 0.5), 0.1, TIP));
    assertDoesNotThrow(() -> recorded(TIP, 0.1001, TIP));
    Motion motion = new Motion(TIP, 0.1);
    for (String told : List.of("", "{}", "not JSON", "{\"task\": 3}")) {
      assertDoesNotThrow(() -> motion.require(told, BAG));
    }
  }
}
