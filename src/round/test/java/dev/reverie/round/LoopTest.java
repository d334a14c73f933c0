package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
  private static final EpisodeRequest ROLLOUT = new EpisodeRequest(7, 1, false);

  @TempDir static Path folder = Path.of("");
  private static ArmCell cell;

  @BeforeAll
  static void start() {
    cell = ArmCell.start(BASE, folder);
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

  @Test
  void aDemonstrationHasTheActionsThatThePolicyWouldHaveHadToGive() {
    Episode episode = Episode.read(cell.run(new EpisodeRequest(11, 0, true)).bag());
    assertEquals("teleop", episode.source());
    for (var step : episode.steps()) {
      for (float a : step.action()) {
        assertTrue(Math.abs(a) <= 1);
      }
    }
  }

  @Test
  void aBagHoldsWhatWasPublishedMessageForMessage() throws Exception {
    Process python =
        new ProcessBuilder(
                System.getenv("REVERIE_PYTHON"),
                ROOT.resolve("src/round/test/python/compare_bag.py").toString())
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
    Path damaged = copy(BASE, folder.resolve("damaged"));
    Path weights = damaged.resolve("policy.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length / 2] ^= 1;
    Files.write(weights, bytes);

    String before = cell.swap(BASE);
    var refused = assertThrows(RoundException.class, () -> cell.swap(damaged));
    assertTrue(String.valueOf(refused.getMessage()).contains("policy.safetensors"));
    Episode episode = Episode.read(cell.run(ROLLOUT).bag());
    assertEquals(before, episode.policyId());
    assertFalse(episode.chunks().isEmpty());
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
