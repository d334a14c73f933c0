package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.EpisodeCache;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Practice on an arm whose rollouts lie there before they are asked for, so that nobody waits. */
class OnlineGrpoTest extends LibtorchTest {
  private static final int GROUPS = 2;
  private static final int SIZE = 4;

  private final PolicyBundle base = Examples.policy();
  private final Path folder;

  OnlineGrpoTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void itAsksForGroupsAndGoesOnWhereItWasStopped() throws IOException {
    record("stopped", 0, base.id());
    Path asked = folder.resolve("stopped/arm/0001");
    Refusal.of(
        TrainerException.class,
        () -> practise("stopped", 2, () -> Files.exists(asked.resolve("request.json"))),
        "stopped");
    JsonNode request = new ObjectMapper().readTree(asked.resolve("request.json").toFile());
    assertEquals(GROUPS, request.at("/groups").asInt());
    assertEquals(SIZE, request.at("/groupSize").asInt());
    assertEquals(1, request.at("/temperature").asDouble());
    String second = PolicyBundle.load(asked.resolve("policy")).id();
    assertEquals(second, request.at("/policy").asText());
    assertNotEquals(base.id(), second);

    record("stopped", 1, second);
    PolicyBundle better = practise("stopped", 2, () -> false);
    assertNotEquals(second, better.id());
    assertEquals(base.id(), better.spec().lineage().parent());
    assertEquals(2 * GROUPS * SIZE, better.spec().lineage().rollouts().size());
    int ofBase = better.spec().lineage().measured().episodes();
    assertEquals(GROUPS * SIZE, ofBase, "the other iteration is of another policy");
    String curve = Files.readString(folder.resolve("stopped/grpo.jsonl"));
    assertTrue(curve.contains("\"real_success\":0.5"), curve);

    record("whole", 0, base.id());
    record("whole", 1, second);
    assertEquals(better.weights(), practise("whole", 2, () -> false).weights());
  }

  @Test
  void whatWasDrawnOfAChunkThatASuccessEndedCountsAsAWhole() {
    record("short", 0, base.id()); // successes end after 6 steps, in the middle of a chunk of 4
    practise("short", 1, () -> false);
  }

  @Test
  void groupsThatEndAlikeEndItWithTheReason() {
    for (int g = 0; g < GROUPS; g++) {
      Dataset data = Examples.episodes("r" + g, SIZE, base.id());
      for (int n = 0; n < SIZE; n++) {
        Bags.write(
            group("alike", 0, g),
            data,
            n,
            8,
            EpisodeOutcome.Kind.FAILURE,
            "right",
            TrainCommandTest.JOINTS,
            Examples.HORIZON);
      }
    }
    Refusal.of(
        TrainerException.class,
        () -> practise("alike", 1, () -> false),
        "all groups of 1 iterations ended alike",
        "of the real rollouts 0 % succeed",
        "give --base one that does at times");
    assertTrue(Files.notExists(folder.resolve("better-alike")));
  }

  @Test
  void rolloutsOfAnotherPolicyAreRefused() {
    record("other", 0, "f".repeat(64));
    Refusal.of(
        TrainerException.class,
        () -> practise("other", 1, () -> false),
        "of the policy ffffffffffff",
        "not of " + base.id().substring(0, 12));
  }

  @Test
  void groupsOfAnotherSizeAreRefused() {
    write("uneven", 0, 0, SIZE - 1, base.id());
    write("uneven", 0, 1, SIZE + 1, base.id());
    Refusal.of(
        TrainerException.class,
        () -> practise("uneven", 1, () -> false),
        "there are 3 rollouts in",
        "groups of 4 were asked for");
    write("many", 0, 0, SIZE, base.id());
    write("many", 0, 1, SIZE, base.id());
    write("many", 0, 2, SIZE, base.id());
    Refusal.of(
        TrainerException.class, () -> practise("many", 1, () -> false), "there are 3 groups in");
  }

  @Test
  void aRolloutThatNobodyLabelledIsNamed() {
    record("unlabelled", 0, base.id());
    Path one = group("unlabelled", 0, 0);
    Dataset data = Examples.episodes("u", 1, base.id());
    Bags.write(
        one,
        data,
        0,
        8,
        EpisodeOutcome.Kind.UNLABELLED,
        "right",
        TrainCommandTest.JOINTS,
        Examples.HORIZON);
    Refusal.of(
        TrainerException.class, () -> practise("unlabelled", 1, () -> false), "label it", "u0");
  }

  @Test
  void aFolderOfAnotherRunIsRefused() {
    record("twice", 0, base.id());
    practise("twice", 1, () -> false);
    PolicyBundle other = PolicyBundle.load(folder.resolve("better-twice"));
    other.save(folder.resolve("twice2/arm/0000/policy"));
    Refusal.of(
        TrainerException.class, () -> practise("twice2", 1, () -> false), "it is another run's");
  }

  @Test
  void groupsOfOneAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("one.json"), "{\"grpo\": {\"groupSize\": 1}}");
    Refusal.of(
        TrainerException.class, () -> Settings.DEFAULT.read(file), "grpo.groupSize", "2 or more");
  }

  private void record(String work, int draw, String policy) {
    for (int g = 0; g < GROUPS; g++) {
      write(work, draw, g, SIZE, policy);
    }
  }

  private void write(String work, int draw, int group, int size, String policy) {
    Bags.write(
        group(work, draw, group),
        Examples.episodes("d%dg%d-".formatted(draw, group), size, policy),
        TrainCommandTest.JOINTS,
        Examples.HORIZON);
  }

  private Path group(String work, int draw, int group) {
    return folder.resolve("%s/arm/%04d/rollouts/%04d".formatted(work, draw, group));
  }

  private PolicyBundle practise(String name, int iterations, BooleanSupplier stop) {
    Path work = folder.resolve(name);
    Path out = folder.resolve("better-" + name);
    try (var _ = new PointerScope()) {
      Settings settings =
          Settings.DEFAULT.read(
              Files.writeString(
                  folder.resolve("settings.json"),
                  """
                  {"grpo": {"groupSize": %d},
                   "onlineGrpo": {"iterations": %d, "groups": %d, "epochs": 2, "miniBatch": 8}}
                  """
                      .formatted(SIZE, iterations, GROUPS)));
      OnlineGrpo.open(
              settings, base, work, new EpisodeCache.Config(work.resolve("cache"), false), 3, stop)
          .run(out);
      return PolicyBundle.load(out);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
