package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.CameraImage;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.RolloutTopic;
import dev.reverie.rollout.Rollouts;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BagsRecorderTest {
  private static final long PERIOD = 100_000_000;
  private static final Map<String, CameraImage> PICTURES =
      Map.of("camera", new CameraImage(8, 8, new byte[3 * 8 * 8]));

  @Test
  void anEpisodeInWhichAPersonTookOverIsNotOfThePolicy(@TempDir Path folder) {
    Path bags = folder.resolve("bags");
    record(bags, "a", Command.POLICY);
    record(bags, "b", Command.TELEOP);
    var console =
        new Console(
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8), false);
    var recorder = new BagsRecorder(console, bags, folder.resolve("run"), _ -> {}, false);
    var policy = new Recorder.Recorded(folder.resolve("bundle"), "mine");
    Path into = folder.resolve("evaluation");
    WaitingException waits =
        assertThrows(
            WaitingException.class, () -> recorder.record(Phase.EVALUATION, 1, policy, 2, into));
    String why = String.valueOf(waits.getMessage());
    assertTrue(why.contains("it has 1 (1 successes, 0 failures)"), why);
    assertTrue(why.contains("1 do not count, since they are of a person, or one took over"), why);
    assertTrue(NodeTrialArm.itsOwn(bags.resolve("a"), "mine"));
    assertFalse(NodeTrialArm.itsOwn(bags.resolve("b"), "mine"), "nor in a comparison");
    assertFalse(NodeTrialArm.itsOwn(bags.resolve("a"), "another"));
    recorder.record(Phase.EVALUATION, 1, policy, 1, into);
    assertEquals(List.of(into.resolve("a")), Rollouts.bags(into));
  }

  /** An episode of two steps, the second of which is by this source. */
  private static void record(Path bags, String id, String source) {
    var head =
        new EpisodeHead(id, "go", Command.POLICY, "mine", 1, 0, List.of("slide"), "", PERIOD);
    double[] still = {0};
    try (EpisodeWriter writer = EpisodeWriter.begin(bags, head, PERIOD, "")) {
      writer.observe(PERIOD, still, PICTURES);
      writer.chunk(PERIOD, 2, 0.5f, 0.5f);
      writer.step(PERIOD, still, still);
      writer.observe(2 * PERIOD, still, PICTURES);
      writer.write(
          RolloutTopic.COMMAND,
          2 * PERIOD,
          head.command(2 * PERIOD, 1, 0, 1, source, still, still));
      writer.observe(3 * PERIOD, still, PICTURES);
      writer.end(new EpisodeOutcome(Kind.SUCCESS, 3 * PERIOD, "test", ""), 3 * PERIOD);
    }
  }
}
