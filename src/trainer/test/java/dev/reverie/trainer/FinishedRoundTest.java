package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FinishedRoundTest extends LibtorchTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PRETRAIN =
      "pretrain --demonstrations D/demonstrations --out D/models";
  private static final String IMPROVE =
      "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base D/models/base"
          + " --models D/models --work D/work --seed 3";
  private static final String AUDIT =
      "train audit --models D/models --work D/work --out D/audit.json --seed 3 --bundle";

  private final Path folder;
  private StringWriter errors = new StringWriter();

  FinishedRoundTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void isTakenForNothingThatItWasNotMadeOf() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    write("demonstrations", "d", 6, "");
    String pretrain = PRETRAIN + " --seed 3 --settings " + settings;
    run(0, pretrain + " --task " + task);
    Path crop =
        Files.writeString(
            folder.resolve("crop.json"),
            TrainCommandTest.TASK.replace("\"width\": 1,", "\"width\": 0.5,"));
    refused(pretrain + " --task " + crop, "was made for");
    refused(pretrain + " --image-tolerance 0.5 --task " + task, "belongs to another run");

    String base = PolicyBundle.load(folder.resolve("models/base")).id();
    write("rollouts", "r", 8, base);
    String improve = IMPROVE + " --settings " + settings;
    run(0, improve + " --out D/improved");

    refused(AUDIT + " D/models/base --bags D/rollouts", "is one that the round was trained on");
    String improved = PolicyBundle.load(folder.resolve("improved")).id();
    write("fresh", "f", 6, improved);
    String audit = AUDIT + " D/improved --bags D/fresh";
    run(0, audit);
    changed(round -> round.putObject("settings").putObject("audit").put("control", 50.0));
    run(3, audit);
    assertTrue(JSON.readTree(folder.resolve("audit.json").toFile()).at("/collapsed").asBoolean());
    changed(round -> round.remove("reward_classifier"));
    refused(audit, "does not tell the threshold");
    Files.writeString(folder.resolve("work/improve.json"), "{\"seed\": 3,");
    refused(audit, "cannot be read as JSON");

    Path moved = Rollouts.bags(folder.resolve("rollouts")).getFirst();
    Files.move(moved, folder.resolve("demonstrations/z-" + moved.getFileName()));
    refused(improve + " --out D/again", "belongs to another run");
  }

  private void write(String name, String id, int episodes, String policy) {
    Bags.write(
        folder.resolve(name), Examples.episodes(id, episodes, policy), TrainCommandTest.JOINTS, 4);
  }

  private void changed(Consumer<ObjectNode> change) throws IOException {
    Path file = folder.resolve("work/improve.json");
    ObjectNode round = (ObjectNode) JSON.readTree(file.toFile());
    change.accept(round);
    JSON.writeValue(file.toFile(), round);
  }

  private void refused(String line, String why) {
    errors = new StringWriter();
    run(1, line);
    assertTrue(errors.toString().contains(why), errors.toString());
  }

  private void run(int status, String line) {
    CommandLine command = TrainCommand.commandLine();
    command.setErr(new PrintWriter(errors, true));
    String[] words = line.replace("D/", folder + "/").split(" ");
    assertEquals(status, command.execute(words), errors::toString);
  }
}
