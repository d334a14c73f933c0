package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.DType;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.ChunkTiming;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Steps;
import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.Trust;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs that are refused before they train: what they say, and what they leave. */
class RefusedRunTest extends LibtorchTest {
  private final Path folder;
  private final StringWriter errors = new StringWriter();

  RefusedRunTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** All files below the folder, with what is in them. */
  private Map<Path, String> files() throws IOException {
    Map<Path, String> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.toList()) {
        files.put(path, Files.isRegularFile(path) ? Sha256.of(Files.readAllBytes(path)) : "");
      }
    }
    return files;
  }

  private void refused(String told, String line, Object... arguments) throws IOException {
    Map<Path, String> before = files();
    errors.getBuffer().setLength(0);
    run(1, line, arguments);
    assertTrue(errors.toString().contains(told), errors.toString());
    assertFalse(errors.toString().contains("Exception"), errors.toString());
    assertEquals(before, files(), line);
  }

  @Test
  void aRefusedRunLeavesNothingThatWasNotThere() throws IOException {
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    Path other =
        Files.writeString(
            folder.resolve("other.json"), TrainCommandTest.TASK.replace("slide", "turn"));
    Path file = Files.writeString(folder.resolve("file"), "of somebody");
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 2), TrainCommandTest.JOINTS, 4);
    Files.createDirectories(folder.resolve("empty"));
    String pretrain = "pretrain --demonstrations D/demonstrations";
    refused("no episode in", pretrain + " --out D/a/b/models --task %s", other);
    refused("there is no folder", "pretrain --demonstrations D/gone --out D/a --task %s", task);
    refused("no episode in", "pretrain --demonstrations D/empty --out D/a --task %s", task);
    refused("no bag in", pretrain + " --out D/a");
    refused("there is no camera 'x'", pretrain + " --camera x --out D/a --task %s", task);
    refused(
        "'%s' is a file, no folder".formatted(file), pretrain + " --out D/file --task %s", task);
    refused(
        "'%s' is a file, no folder; choose another folder".formatted(file),
        pretrain + " --out D/file/deep/er --task %s",
        task);
    Files.createDirectories(folder.resolve("mine"));
    Files.writeString(folder.resolve("mine/settings.json"), "{}");
    Files.writeString(folder.resolve("mine/notes.txt"), "mine");
    refused("no episode in", pretrain + " --out D/mine --task %s", other);

    run(0, "train untrained --instruction go --task %s --out D/base", task);
    String improve =
        "train improve --rollouts D/demonstrations --demonstrations D/demonstrations --models"
            + " D/mine";
    refused("no vae.safetensors", improve + " --base D/base --work D/a --out D/b");
    refused("--models", improve + " --base D/base --work D/mine --out D/b");
    refused(
        "D/gone".replace("D", folder.toString()), improve + " --base D/gone --work D/a --out D/b");
    refused("exists already", improve + " --base D/base --work D/a --out D/mine");
    refused("is a file, no folder", improve + " --base D/base --work D/a --out D/file/b");
    refused(
        "exists already",
        improve.replace("improve", "dpo") + " --base D/base --work D/a --out D/mine");
  }

  @Test
  void aResultThatCouldNotBeWrittenIsRefusedFirst() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "of somebody");
    String audit = "train audit --bundle D/gone --models D/gone --work D/gone --bags D/gone";
    refused("'%s' is a folder; give a file".formatted(folder), audit + " --out %s", folder);
    refused(
        "'%s' is a file, no folder; give a file".formatted(file), audit + " --out D/file/a.json");
    refused("gone' is not there; give a file", audit + " --out D/gone/a.json");
    refused("gone", audit + " --out D/a.json");
  }

  @Test
  void aDryRunOfWhatNoMachineHasIsRefusedInPlainWords() throws IOException {
    String dry = "train improve --dry-run --episodes 10 --steps 30";
    for (String[] each :
        new String[][] {
          {dry.replace("10", "2147483647"), "--episodes is 2147483647; give 1 to 100000000"},
          {dry.replace("30", "2147483647"), "--steps is 2147483647; give 1 to 10000000"},
          {dry.replace("10", "3"), "3 rollouts are too few"},
          {dry + " --machine-flops 1e-300", "--machine-flops is 1.0E-300"},
          {dry + " --machine-flops NaN", "--machine-flops is NaN"},
          {dry + " --machine-memory Infinity", "--machine-memory is Infinity"},
          {dry + " --view 9992x9992", "make its pictures smaller"},
          {dry + " --chunk 2147483647", "--chunk is 2147483647; give 1 to 10000"},
        }) {
      refused(each[1], each[0].replace("%", "%%"));
    }
    Path held =
        Files.writeString(folder.resolve("held.json"), "{\"rollouts\": {\"heldOutShare\": 0.999}}");
    refused("leaves none to learn from", dry + " --settings %s", held);
  }

  @Test
  void aHeadThatDoesNotFitTheActionsIsRefusedBeforeBagsAreRead() throws IOException {
    String head = "{\"kind\": \"regression\", \"noise\": [0.1, 0.1, 0.1]}";
    String json = TrainCommandTest.TASK.replace("{\"kind\": \"tokens\", \"bins\": 5}", head);
    Path task = Files.writeString(folder.resolve("task.json"), json);
    refused(
        "noise has 3 values, an action 2",
        "pretrain --demonstrations D/x --out D/a --task %s",
        task);
  }

  @Test
  void howChunksAreCarriedOutIsToldWhereNotAsInTheRollouts() {
    Steps whole = Steps.whole(4);
    List<String> said = Improvement.likeTheRollouts(whole, timing(List.of(3, 3, 4), List.of(1, 1)));
    assertTrue(said.getFirst().endsWith("it will be 4; set imagination.executed to 3"));
    assertTrue(said.getLast().endsWith("it will be 0; set imagination.delay to 1"));
    assertEquals(
        List.of(), Improvement.likeTheRollouts(whole, timing(List.of(4, 4), List.of(0, 0))));
    List<String> untold = Improvement.likeTheRollouts(whole, timing(List.of(), List.of()));
    assertTrue(untold.getFirst().endsWith("4, unless imagination.executed says otherwise"));
    assertTrue(untold.getLast().endsWith("0 steps, unless imagination.delay says otherwise"));
    assertEquals(
        List.of(
            "in imagination 3 actions of a chunk of 4 are carried out, the first 1 steps after what"
                + " the policy sees"),
        Improvement.likeTheRollouts(new Steps(1, 4, 3, 1), timing(List.of(3), List.of(1))));
    List<String> longer = Improvement.likeTheRollouts(whole, timing(List.of(8), List.of(4)));
    assertTrue(longer.getFirst().endsWith("it will be 4, since its chunks are shorter"));
    assertTrue(longer.getLast().endsWith("it will be 0, since its chunks are shorter"));
  }

  @Test
  void chunksAreCarriedOutAsInTheRolloutsWhereSettingsLeaveThatOpen() {
    Imagination.Config open = Imagination.Config.DEFAULT;
    assertEquals(Steps.whole(4), open.asIn(timing(List.of(4, 4, 2), List.of(0, 0)), 4, 0).steps(4));
    ChunkTiming late = timing(List.of(13, 14, 14), List.of(3, 2, 2));
    assertEquals(new Steps(16, 16, 14, 2), open.asIn(late, 16, 0).steps(16));
    assertEquals(new Steps(8, 16, 14, 2), open.asIn(late, 16, 8).steps(16, 8));
    assertEquals(new Steps(1, 1, 1, 0), open.asIn(late, 1, 0).steps(1), "of shorter chunks");
    ChunkTiming mixed = timing(List.of(), List.of(1));
    assertEquals(new Steps(4, 4, 3, 1), open.asIn(mixed, 4, 0).steps(4));
    assertEquals(Steps.whole(4), open.asIn(timing(List.of(), List.of()), 4, 0).steps(4));
    Imagination.Config set = new Imagination.Config(0, 2, 4, 1, Trust.CUT, 0.99);
    assertEquals(set, set.asIn(late, 16, 0));
    Imagination.Config begun = new Imagination.Config(0, 0, 0, 0, Trust.CUT, 0.99);
    assertEquals(begun.toString(), open.toString(), "runs from before the delay was measured");
  }

  /** Returns the timing of one episode. */
  private static ChunkTiming timing(List<Integer> carriedOut, List<Integer> delays) {
    return new ChunkTiming(
        List.of(carriedOut.stream().mapToInt(each -> each).toArray()),
        List.of(delays.stream().mapToInt(each -> each).toArray()));
  }

  @Command(name = "full")
  private static final class Full implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Command(name = "full-device")
  private static final class FullDevice implements Callable<Integer> {
    @Override
    public Integer call() {
      throw new RuntimeException(
          "CUDA out of memory. Tried to allocate 2.00 GiB.\nException raised from malloc at ...");
    }
  }

  @Test
  void aFullHeapOrDeviceIsToldAsMemoryThatIsOut() {
    CommandLine command =
        TrainCommand.commandLine().addSubcommand(new Full()).addSubcommand(new FullDevice());
    command.setErr(new PrintWriter(errors, true));
    assertEquals(1, command.execute("full"));
    assertTrue(errors.toString().contains("out of memory: Java's heap is full"), errors.toString());
    assertTrue(errors.toString().contains("REVERIE_JAVA_OPTIONS"), errors.toString());
    assertEquals(1, command.execute("full-device"));
    assertTrue(errors.toString().contains("there is no room for 2.00 GiB more"), errors.toString());
    assertFalse(errors.toString().contains("malloc"), errors.toString());
  }

  @Test
  void filesThatAreNoneOfTheTrainersAreToldInItsOwnWords() throws IOException {
    String pretrain = "pretrain --demonstrations D/demonstrations --out D/a --task %s";
    Map<String, String> tasks =
        Map.of(
            "{", "it ends too early",
            "", "it is empty",
            "nonsense", "line 1: it is no JSON: 'nonsense' is no value; give a number",
            "[1]", "it is no group of keys",
            "7", "it is no group of keys",
            "{\"cameras\": 3}", "cameras: it is no list",
            "{\"chunk\": {\"horizon\": \"x\"}}", "horizon: it is no whole number");
    for (Map.Entry<String, String> each : tasks.entrySet()) {
      Path task = Files.writeString(folder.resolve("task.json"), each.getKey());
      refused(each.getValue(), pretrain, task);
      assertTrue(errors.toString().contains("task.json"), errors.toString());
      assertFalse(errors.toString().contains("REDACTED"), errors.toString());
      assertFalse(errors.toString().contains("java"), errors.toString());
    }
    Path bytes = Files.write(folder.resolve("task.json"), new byte[] {'{', '"', (byte) 0xff});
    refused("task.json", pretrain, bytes);
    refused("is not there; give a task file", pretrain, folder.resolve("gone.json"));
    refused("is a directory; give a task file", pretrain, folder);
    String[][] broken = {
      {"grpo: 3", "line 1: it is no JSON: 'grpo' is no value; give a number, true, false"},
      {"{\n\"grpo\": {,}}", "line 2: it is no JSON: ',' cannot stand there; look for a comma"},
      {"{} // none", "line 1: it is no JSON: '/' cannot stand there"},
      {"{'grpo': {}}", "it is no JSON: %s cannot stand there".formatted("'''")},
      {"{\"grpo\": {\"clip\": NaN}}", "'NaN' is no number there; give a finite one"},
      {"{\"grpo\": {},\n\"grpo\": {}}", "line 2: it is no JSON: the key 'grpo' stands there twice"},
      {"[".repeat(2000), "nested deeper"},
    };
    for (String[] each : broken) {
      Path file = Files.writeString(folder.resolve("settings.json"), each[0]);
      refused(each[1], pretrain + " --settings %s", bytes, file);
      assertTrue(errors.toString().contains("settings.json"), errors.toString());
    }
    Path settings = Files.writeString(folder.resolve("settings.json"), "{\"grpo\": ");
    refused(
        "settings.json, line 1: it is no JSON: it ends",
        pretrain + " --settings %s",
        bytes,
        settings);
  }

  @Test
  void aPolicyWithWeightsThatAreNoNumbersIsNamedBeforeAnythingIsDone() throws IOException {
    for (float number : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      PolicyBundle sound = Examples.policy();
      Map<String, NdArray> weights = new TreeMap<>(sound.weights());
      Map.Entry<String, NdArray> one =
          weights.entrySet().stream()
              .filter(each -> each.getValue().type() == DType.F32)
              .findFirst()
              .orElseThrow();
      float[] numbers = one.getValue().toFloats();
      numbers[numbers.length - 1] = number;
      one.setValue(NdArray.of(numbers, one.getValue().shape()));
      sound.withWeights(weights).save(folder.resolve("broken"));
      String told = "its weight '%s' holds NaN or infinite values".formatted(one.getKey());
      String from = "--demonstrations D/gone --rollouts D/gone --models D/gone --base D/broken";
      for (String stage : List.of("improve", "clone-successes", "clone-by-advantage", "dpo")) {
        refused(told, "train %s ".formatted(stage) + from + " --work D/w --out D/o");
      }
      refused(told, "train align " + from + " --work D/w");
      refused(told, "train online-grpo --base D/broken --work D/w --out D/o");
      refused(told, "pretrain --demonstrations D/gone --policy D/broken --out D/o");
      refused(
          told,
          "train audit --bundle D/broken --models D/gone --work D/gone --bags D/gone --out"
              + " D/a.json");
      AtomicFolder.delete(folder.resolve("broken"));
    }
  }

  @Test
  void bagsWhoseActionsMeanSomethingElseAreRefusedWithBothMeanings() throws IOException {
    String told =
        "{\"task\": %s}"
            .formatted(TrainCommandTest.TASK.replaceFirst(",\\s*\"head\".*\\}\\}", "}"));
    Bags.write(
        folder.resolve("demonstrations"),
        Examples.episodes("d", 2),
        TrainCommandTest.JOINTS,
        4,
        told);
    String pretrain = "pretrain --demonstrations D/demonstrations --out D/a --task %s";
    for (String[] change :
        new String[][] {
          {"[0.1, 0.1]", "[0.1, 0.4]", "[0.1, 0.1] rad, every 0.1 s, and the policy's are"},
          {"[0.1, 0.1]", "[0.1, 0.4]", "[0.1, 0.4] rad"},
          {"\"period_s\": 0.1", "\"period_s\": 0.5", "every 0.1 s, and the policy's are"},
          {"\"period_s\": 0.1", "\"period_s\": 0.5", "every 0.5 s"},
          {
            "\"kind\": \"joint_deltas\", \"joints\": [\"slide\", \"lift\"]",
            "\"kind\": \"joint_deltas\", \"joints\": [\"lift\", \"slide\"]",
            "motions of [lift, slide]"
          },
        }) {
      String other = TrainCommandTest.TASK.replace(change[0], change[1]);
      Path task = Files.writeString(folder.resolve("task.json"), other);
      refused(change[2], pretrain, task);
      run(0, "train untrained --instruction go --task %s --out D/base", task);
      refused(change[2], "pretrain --demonstrations D/demonstrations --out D/a --policy D/base");
      AtomicFolder.delete(folder.resolve("base"));
    }
  }

  private void run(int status, String line, Object... arguments) {
    CommandLine command = TrainCommand.commandLine();
    command.setErr(new PrintWriter(errors, true));
    String[] words = line.formatted(arguments).replace("D/", folder + "/").split(" ");
    assertEquals(status, command.execute(words), errors::toString);
  }
}
