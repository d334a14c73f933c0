package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.SameFiles;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals to a trainer in a process of its own. */
class StopSignalTest extends LibtorchTest {
  private final Path folder;

  StopSignalTest(@TempDir Path folder) throws IOException {
    this.folder = folder;
    Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
  }

  @Test
  void aSignalAtAnyStageEndsTheTrainerWithItsStatusAndTheSameCommandGoesOn() throws Exception {
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    assertEquals(143, stopped("stage reading begin", "TERM"));
    assertEquals(130, stopped("stage policy begin", "INT"));
    assertEquals(143, stopped("stage vae begin", "TERM"));
    assertEquals(129, stopped("stage world_model begin", "HUP"));
    assertEquals(0, stopped("no such line", "TERM"));
    assertTrue(Files.exists(folder.resolve("models/pretrain.json")));
    try (Stream<Path> left = Files.walk(folder)) {
      List<Path> unfinished =
          left.filter(file -> file.toString().matches(".*(tmp|part|resume.*|hs_err.*)")).toList();
      assertEquals(List.of(), unfinished);
    }
  }

  @Test
  void aKilledTrainerEndsByteForByteWhereAnUnbrokenOneDoes() throws Exception {
    Files.writeString(
        folder.resolve("settings.json"),
        WmpoTest.TINY.replace("\"vae\": {\"steps\": 30", "\"vae\": {\"steps\": 420"));
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    assertEquals(137, stopped("stage policy begin", "KILL"));
    assertEquals(137, stopped("stage vae 2[1-9][0-9]/420 .*", "KILL")); // after its checkpoint
    assertTrue(Files.exists(folder.resolve("models/vae.resume.safetensors")));
    assertEquals(137, stopped("stage world_model begin", "KILL"));
    assertEquals(0, stopped("no such line", "KILL"));
    Files.move(folder.resolve("models"), folder.resolve("killed"));
    assertEquals(0, stopped("no such line", "KILL"));
    for (String file :
        List.of("base/policy.safetensors", "vae.safetensors", "world_model.safetensors")) {
      Path killed = folder.resolve("killed").resolve(file);
      assertEquals(-1, Files.mismatch(killed, folder.resolve("models").resolve(file)), file);
    }
    SameFiles.require(folder.resolve("killed/base"), folder.resolve("models/base"));
  }

  @Test
  void aKilledRoundEndsByteForByteWhereAnUnbrokenOneDoes() throws Exception {
    Files.writeString(
        folder.resolve("settings.json"),
        WmpoTest.TINY.replace("\"iterations\": 2", "\"iterations\": 3"));
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    assertEquals(0, stopped("no such line", "KILL"));
    String base = PolicyBundle.load(folder.resolve("models/base")).id();
    Bags.write(
        folder.resolve("rollouts"), Examples.episodes("r", 8, base), TrainCommandTest.JOINTS, 4);
    Path killed = folder.resolve("killed");
    assertEquals(137, stopped(TrainerProcess.improve(folder, killed), "stage world_model begin"));
    assertEquals(
        137, stopped(TrainerProcess.improve(folder, killed), "stage reward_classifier begin"));
    assertEquals(137, stopped(TrainerProcess.improve(folder, killed), "stage grpo 2/3 .*"));
    assertTrue(Files.exists(killed.resolve("grpo.resume.safetensors")));
    assertEquals(0, stopped(TrainerProcess.improve(folder, killed), "no such line"));
    Path whole = folder.resolve("whole");
    assertEquals(0, stopped(TrainerProcess.improve(folder, whole), "no such line"));
    for (String file :
        List.of(
            "world_model.safetensors",
            "reward_classifier.safetensors",
            "joint_head.safetensors",
            "grpo.safetensors",
            "improved/policy.safetensors")) {
      assertEquals(-1, Files.mismatch(killed.resolve(file), whole.resolve(file)), file);
    }
    SameFiles.require(killed.resolve("improved"), whole.resolve("improved"));
  }

  @Test
  void aSignalAmidARoundEndsItWithItsStatusAndLeavesNoBundle() throws Exception {
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    assertEquals(0, stopped("no such line", "KILL"));
    String base = PolicyBundle.load(folder.resolve("models/base")).id();
    Bags.write(
        folder.resolve("rollouts"), Examples.episodes("r", 8, base), TrainCommandTest.JOINTS, 4);
    Path work = folder.resolve("work");
    List<String> improve = TrainerProcess.improve(folder, work);
    for (String line :
        List.of(
            "stage reading begin", "stage world_model begin", "stage reward_classifier begin")) {
      assertEquals(143, stopped(improve, line, "TERM"), line);
      assertNoneHalfWritten(work);
    }
    assertEquals(143, stopped(improve, "stage grpo 1/2 .*", "TERM"));
    assertNoneHalfWritten(work);
    assertEquals(0, stopped(improve, "no such line", "TERM"));
    assertEquals(PolicyBundle.load(work.resolve("improved")).spec().lineage().parent(), base);
  }

  private static void assertNoneHalfWritten(Path work) throws IOException {
    if (Files.exists(work)) {
      try (Stream<Path> left = Files.walk(work)) {
        List<Path> bundles =
            left.filter(file -> file.toString().matches(".*(bundle.json|tmp|\\.part|hs_err.*)"))
                .toList();
        assertEquals(List.of(), bundles);
      }
    }
  }

  @Test
  void aRoundThatIsKilledWithinAlignmentAndClassifierGoesOnFromTheirCheckpoints() throws Exception {
    Files.writeString(
        folder.resolve("settings.json"),
        WmpoTest.TINY
            .replace("\"alignSteps\": 5", "\"alignSteps\": 260")
            .replace("\"classifier\": {\"steps\": 60", "\"classifier\": {\"steps\": 260"));
    Bags.write(
        folder.resolve("demonstrations"), Examples.episodes("d", 6), TrainCommandTest.JOINTS, 4);
    assertEquals(0, stopped("no such line", "KILL"));
    String base = PolicyBundle.load(folder.resolve("models/base")).id();
    Bags.write(
        folder.resolve("rollouts"), Examples.episodes("r", 8, base), TrainCommandTest.JOINTS, 4);
    Path killed = folder.resolve("killed");
    for (String stage : List.of("world_model", "reward_classifier")) {
      String late = "stage %s 2[1-5][0-9]/260 .*".formatted(stage); // after its checkpoint
      assertEquals(137, stopped(reward(killed), late));
      assertTrue(Files.exists(killed.resolve(stage + ".resume.safetensors")));
      assertFalse(Files.exists(killed.resolve(stage + ".safetensors")));
    }
    assertEquals(0, stopped(reward(killed), "no such line"));
    Path whole = folder.resolve("whole");
    assertEquals(0, stopped(reward(whole), "no such line"));
    for (String file : List.of("world_model.safetensors", "reward_classifier.safetensors")) {
      assertEquals(-1, Files.mismatch(killed.resolve(file), whole.resolve(file)), file);
      String curves = file.replace("safetensors", "jsonl");
      assertEquals(-1, Files.mismatch(killed.resolve(curves), whole.resolve(curves)), curves);
    }
  }

  /** The stages of a round up to the reward classifier. */
  private List<String> reward(Path work) {
    List<String> command = new ArrayList<>(TrainerProcess.improve(folder, work));
    command.set(command.indexOf("improve"), "reward");
    int out = command.indexOf("--out");
    command.subList(out, out + 2).clear();
    return command;
  }

  /** Pretrains until the trainer says such a line. */
  private int stopped(String line, String signal) throws Exception {
    return stopped(TrainerProcess.pretrain(folder, folder.resolve("models")), line, signal);
  }

  private int stopped(List<String> command, String line) throws Exception {
    return stopped(command, line, "KILL");
  }

  /** Sends the signal when the trainer says such a line, and gives its exit status. */
  private int stopped(List<String> command, String line, String signal) throws Exception {
    Process trainer = TrainerProcess.start(folder.resolve("errors.txt"), Map.of(), command);
    try (BufferedReader out = trainer.inputReader()) {
      for (String told = out.readLine(); told != null; told = out.readLine()) {
        if (told.matches(line)) {
          new ProcessBuilder("kill", "-" + signal, Long.toString(trainer.pid())).start().waitFor();
        }
      }
      assertTrue(trainer.waitFor(60, TimeUnit.SECONDS), "the trainer goes on");
      return trainer.exitValue();
    } finally {
      trainer.destroyForcibly();
    }
  }
}
