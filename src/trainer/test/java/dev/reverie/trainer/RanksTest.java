package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.Safetensors;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in several processes. */
class RanksTest extends LibtorchTest {
  private final Path folder;

  RanksTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
  }

  @Test
  void twoRanksEndWhereOneDoesAlsoWhereOneOfThemWasLost() throws Exception {
    Path one = folder.resolve("one");
    assertEquals(List.of(0), ends(List.of(rank(0, 1, freePort(), one))));

    Path two = folder.resolve("two");
    List<Process> ranks = ranks(two, two);
    awaitLine(ranks.getFirst(), "stage vae begin");
    ranks.getLast().toHandle().destroyForcibly(); // leaves its output to be read
    assertEquals(List.of(1, 137), ends(ranks));
    String said = Files.readString(folder.resolve("errors0.txt"));
    assertTrue(said.contains("a rank of 2 was lost; run the same command"), said);

    assertEquals(List.of(0, 0), ends(ranks(two, two)));
    for (String file :
        List.of("base/policy.safetensors", "vae.safetensors", "world_model.safetensors")) {
      assertAlike(one, two, file);
    }
    assertEquals(
        lines(one.resolve("vae.jsonl")), lines(two.resolve("vae.jsonl")), "the first rank writes");
  }

  @Test
  void aRoundOnTwoRanksEndsWhereOneDoes() throws Exception {
    Path models = folder.resolve("models");
    assertEquals(List.of(0), ends(List.of(rank(0, 1, freePort(), models))));
    String base = PolicyBundle.load(models.resolve("base")).id();
    Bags.write(
        folder.resolve("rollouts"), Examples.episodes("r", 8, base), TrainCommandTest.JOINTS, 4);
    Path one = folder.resolve("one");
    assertEquals(
        List.of(0), ends(List.of(started(0, 1, freePort(), TrainerProcess.improve(folder, one)))));
    Path two = folder.resolve("two");
    int port = freePort();
    List<String> round = TrainerProcess.improve(folder, two);
    assertEquals(
        List.of(0, 0), ends(List.of(started(0, 2, port, round), started(1, 2, port, round))));
    for (String stage : Networks.OF_A_ROUND) {
      assertAlike(one, two, stage + ".safetensors");
    }
    JsonNode alone = lastLine(one.resolve("grpo.jsonl"));
    JsonNode together = lastLine(two.resolve("grpo.jsonl"));
    for (String same : List.of("imagined_success", "mixed_groups", "distrusted_update")) {
      assertEquals(alone.path(same).asDouble(), together.path(same).asDouble(), 1e-5, same);
    }
    double norm = alone.path("gradient_norm").asDouble();
    assertEquals(norm, together.path("gradient_norm").asDouble(), 1e-5 * norm);
  }

  @Test
  void ranksThatSliceTheirSharesEndWhereOneDoesThatDoesNot() throws Exception {
    Path one = folder.resolve("one");
    assertEquals(List.of(0), ends(List.of(rank(0, 1, freePort(), one))));
    Files.writeString(
        folder.resolve("settings.json"),
        WmpoTest.TINY.replaceFirst("\\{", "{\"compute\": {\"slice\": 3},"));
    Path two = folder.resolve("two");
    assertEquals(List.of(0, 0), ends(ranks(two, two)));
    for (String file :
        List.of("base/policy.safetensors", "vae.safetensors", "world_model.safetensors")) {
      assertAlike(one, two, file);
    }
    for (String curves : List.of("policy.jsonl", "vae.jsonl", "world_model.jsonl")) {
      JsonNode whole = firstLine(one.resolve(curves));
      JsonNode sliced = firstLine(two.resolve(curves));
      for (String same : List.of("gradient_norm", "loss")) {
        double value = whole.path(same).asDouble();
        assertEquals(value, sliced.path(same).asDouble(), 1e-5 * value, curves + " " + same);
      }
    }
  }

  private static void assertAlike(Path one, Path two, String file) {
    Map<String, NdArray> alone = Safetensors.open(one.resolve(file)).arrays();
    Map<String, NdArray> together = Safetensors.open(two.resolve(file)).arrays();
    assertEquals(alone.keySet(), together.keySet());
    alone.forEach(
        (name, values) ->
            assertAlike(
                values.toFloats(),
                Objects.requireNonNull(together.get(name)).toFloats(),
                file + " " + name));
  }

  /**
   * Alike but for rounding: Adam divides by the size of a gradient, so a single weight whose
   * gradient is rounding alone may go a part of a step elsewhere, how far by the processor.
   */
  private static void assertAlike(float[] alone, float[] together, String what) {
    assertArrayEquals(alone, together, 1e-3f, what);
    double squares = 0;
    for (int i = 0; i < alone.length; i++) {
      squares += Math.pow(alone[i] - together[i], 2);
    }
    assertEquals(0, Math.sqrt(squares / alone.length), 2e-5, what + ", root of the mean square");
  }

  @Test
  void aRankThatIsToldSomethingElseEndsAllOfThem() throws Exception {
    List<Process> ranks = ranks(folder.resolve("two"), folder.resolve("other"), "--seed", "2");
    assertEquals(List.of(1, 1), ends(ranks));
    String said = Files.readString(folder.resolve("errors1.txt"));
    assertTrue(said.contains("rank 1 has another stage than rank 0"), said);
    assertTrue(said.contains("policy seed 2") && said.contains("policy seed 1"), said);
  }

  @Test
  void aRankWithOtherDataEndsAllOfThemBeforeAnythingIsMade() throws Exception {
    Path other = Files.createDirectories(folder.resolve("other"));
    for (String file : List.of("settings.json", "task.json")) {
      Files.copy(folder.resolve(file), other.resolve(file));
    }
    Bags.write(
        other.resolve("demonstrations"), Examples.episodes("o", 6), TrainCommandTest.JOINTS, 4);
    Path two = folder.resolve("two");
    int port = freePort();
    List<String> differs = TrainerProcess.pretrain(other, two);
    assertEquals(List.of(1, 1), ends(List.of(rank(0, 2, port, two), started(1, 2, port, differs))));
    String said = Files.readString(folder.resolve("errors1.txt"));
    assertTrue(said.contains("rank 1 has another stage than rank 0"), said);
    assertEquals(2, said.split("of 6 recordings [0-9a-f]{16}", -1).length - 1, said);
    assertTrue(said.contains("the same files"), said);
    assertFalse(Files.exists(two.resolve("base")));
  }

  private static JsonNode firstLine(Path curves) throws IOException {
    return new ObjectMapper().readTree(Files.readAllLines(curves).getFirst());
  }

  private static JsonNode lastLine(Path curves) throws IOException {
    return new ObjectMapper().readTree(Files.readAllLines(curves).getLast());
  }

  private static long lines(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.count();
    }
  }

  /** Two ranks, each with its folder of the run. */
  private List<Process> ranks(Path first, Path second, String... moreOfSecond) throws IOException {
    int port = freePort();
    return List.of(rank(0, 2, port, first), rank(1, 2, port, second, moreOfSecond));
  }

  private Process rank(int rank, int count, int port, Path models, String... more)
      throws IOException {
    List<String> command = new ArrayList<>(TrainerProcess.pretrain(folder, models));
    command.addAll(List.of(more));
    return started(rank, count, port, command);
  }

  private Process started(int rank, int count, int port, List<String> command) throws IOException {
    return TrainerProcess.start(
        folder.resolve("errors%d.txt".formatted(rank)),
        Map.of(
            "RANK", Integer.toString(rank),
            "WORLD_SIZE", Integer.toString(count),
            "MASTER_ADDR", "127.0.0.1",
            "MASTER_PORT", Integer.toString(port)),
        command);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitLine(Process process, String wanted) throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); !wanted.equals(line); line = out.readLine()) {
      assertNotNull(line, "it ends before " + wanted);
    }
  }

  /** Waits for processes, and gives their exit statuses. */
  private static List<Integer> ends(List<Process> processes) throws Exception {
    List<Integer> statuses = new ArrayList<>();
    for (Process process : processes) {
      process.inputReader().lines().forEach(line -> {});
      assertTrue(process.waitFor(100, TimeUnit.SECONDS), "it goes on");
      statuses.add(process.exitValue());
    }
    return statuses;
  }
}
