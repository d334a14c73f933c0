package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Step;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The simulated arm and the robot node, as processes of their own, over real ROS 2. */
@Prepared
class LoopTest {
  private static final Path ROOT = Path.of(System.getProperty("reverie.root"));
  private static final Path BASE = ROOT.resolve("models/base");
  private static final double SCALE_M = 0.04; // of models/base, for an action of 1
  private static final EpisodeRequest ROLLOUT = new EpisodeRequest(7, 1, false);

  @TempDir static Path folder;
  private static ArmCell cell;

  @BeforeAll
  static void start() {
    cell = ArmCell.start(SimulatedScene.task("insert"), Optional.of(BASE), folder);
  }

  @AfterAll
  static void stop() {
    cell.close();
  }

  @Test
  void aRolloutIsABagWithEachStepsObservationAndAction() {
    EpisodeResult result = cell.run(ROLLOUT);
    Episode episode = Episode.read(result.bag());
    assertEquals(result.episodeId(), episode.id());
    assertEquals(result.success(), episode.outcome().success());
    assertEquals("policy", episode.source());
    assertTrue(episode.steps().size() > 4 && episode.steps().size() <= 32);
    assertEquals(2, episode.steps().getFirst().action().length);
    assertEquals(64, episode.policyId().length());
  }

  @Test
  void theSameSeedGivesTheSameEpisode() {
    Episode once = Episode.read(cell.run(ROLLOUT).bag());
    Episode again = Episode.read(cell.run(ROLLOUT).bag());
    assertEquals(once.steps().size(), again.steps().size());
    for (int t = 0; t <= once.steps().size(); t++) {
      assertArrayEquals(
          once.observation(t).jointPositions(), again.observation(t).jointPositions(), "step " + t);
    }
  }

  /**
   * The policy moves the tip by 0.04 m where it says 1. An action must lead from the pose that was
   * measured to the one that the expert asked for, which the arm then comes nearer to, or is
   * stopped by a slot.
   */
  @Test
  void aDemonstrationHasTheActionsThatThePolicyWouldHaveHadToGive() {
    Episode episode = Episode.read(cell.run(new EpisodeRequest(11, 0, true)).bag());
    assertEquals("teleop", episode.source());
    int within = 0;
    for (int t = 0; t < episode.steps().size(); t++) {
      Step step = episode.steps().get(t);
      double[] from = tip(step.command().measuredPositions());
      double[] to = tip(step.command().positions());
      double[] reached = tip(episode.observation(t + 1).jointPositions());
      assertArrayEquals(from, tip(episode.observation(t).jointPositions()), 1e-9, "step " + t);
      for (int d = 0; d < 2; d++) {
        double wanted = (to[d] - from[d]) / SCALE_M;
        assertEquals(Math.clamp(wanted, -1, 1), step.action()[d], 1e-5, "step " + t);
        assertTrue(
            Math.abs(to[d] - reached[d]) < Math.abs(to[d] - from[d]) + 0.02,
            "the arm went elsewhere after step " + t);
        within += Math.abs(wanted) > 0.05 && Math.abs(wanted) < 1 ? 1 : 0;
      }
    }
    assertTrue(within >= 10, within + " actions tell something");
  }

  /** The tip of the simulated arm, m: two links of 0.42 m, and a peg that hangs down. */
  private static double[] tip(double[] q) {
    return new double[] {
      0.42 * (Math.cos(q[0]) + Math.cos(q[0] + q[1])),
      0.42 * (Math.sin(q[0]) + Math.sin(q[0] + q[1]))
    };
  }

  @Test
  void aBagHoldsWhatWasPublishedMessageForMessage() throws Exception {
    Process python =
        new ProcessBuilder(Python.command("round/test/python/compare_bag.py"))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var out = python.inputReader();
        var in = python.outputWriter()) {
      assertEquals("ready", out.readLine());
      in.write(cell.run(ROLLOUT).bag() + "\n");
      in.flush();
      assertTrue(python.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, python.exitValue());
    } finally {
      python.destroyForcibly();
    }
  }

  @Test
  void anotherPolicyIsSwappedInWhileTheNodeRunsAndADamagedOneIsNot() throws IOException {
    Path other = folder.resolve("other");
    train(
        "untrained",
        "--instruction",
        "insert the peg into the red slot",
        "--instruction",
        "green blue",
        "--out",
        other.toString());
    Path damaged = copy(BASE, folder.resolve("damaged"));
    Path weights = damaged.resolve("policy.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);

    String base = cell.swap(BASE);
    Episode before = Episode.read(cell.run(ROLLOUT).bag());
    assertEquals(base, before.policyId());

    String swapped = cell.swap(other);
    assertNotEquals(base, swapped);
    var refused = assertThrows(RoundException.class, () -> cell.swap(damaged));
    assertTrue(String.valueOf(refused.getMessage()).contains("policy.safetensors"));
    Episode after = Episode.read(cell.run(ROLLOUT).bag());
    assertEquals(swapped, after.policyId());
    assertFalse(
        Arrays.equals(before.chunks().getFirst().actions(), after.chunks().getFirst().actions()),
        "on the same scene it acts otherwise");
    assertEquals(base, cell.swap(BASE));
  }

  private static void train(String... arguments) {
    List<String> command = new ArrayList<>(List.of("train"));
    command.addAll(List.of(arguments));
    try (var process =
        ReverieProcess.logged(folder.resolve("logs/trainer.log"), Map.of(), command)) {
      process.join();
    }
  }

  private static Path copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
