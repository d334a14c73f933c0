package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round of a policy whose chunks came late on the arm. */
class LateRoundTest extends LibtorchTest {
  @Test
  void inImaginationChunksAreCarriedOutAsLateAndAsFarAsInTheRollouts(@TempDir Path folder)
      throws IOException {
    var commands = new RunCommands(folder);
    Path settings = Files.writeString(folder.resolve("settings.json"), TrainCommandTest.LONGER);
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    commands.write("demonstrations", "d", 6, "");
    String given = " --demonstrations D/demonstrations --seed 3 --settings " + settings;
    commands.run(0, "pretrain --out D/models --task " + task + given);
    PolicyBundle base = commands.bundle("models/base");
    commands.write("early", "r", 8, base.id());
    for (Path bag : Rollouts.bags(folder.resolve("early"))) {
      Bags.delay(bag, folder.resolve("rollouts"));
    }
    String counted = table(commands, "D/rollouts", settings);
    Path late =
        Files.writeString(
            folder.resolve("late.json"),
            TrainCommandTest.LONGER.replaceFirst(
                "\\{", "{\"imagination\": {\"executed\": 3, \"window\": 4, \"delay\": 1}, "));
    assertEquals(table(commands, "D/early", late), counted);
    assertNotEquals(table(commands, "D/early", settings), counted);
    commands.run(
        0,
        "train improve --rollouts D/rollouts --base D/models/base --models D/models --work D/work"
            + " --out D/improved"
            + given);
    assertNotEquals(base.id(), commands.bundle("improved").id());
    JsonNode report = RunReport.JSON.readTree(folder.resolve("work/improve.json").toFile());
    JsonNode imagination = report.at("/settings/imagination");
    assertEquals(1, imagination.at("/delay").asInt());
    assertEquals(3, imagination.at("/executed").asInt(), "all that the delay leaves");
    assertEquals(4, imagination.at("/window").asInt(), "as pretrained");
  }

  /** Returns what a dry run says that practice needs. */
  private static String table(RunCommands commands, String rollouts, Path settings) {
    String line =
        "train improve --dry-run --base D/models/base --demonstrations D/demonstrations --rollouts %s --settings %s"
            .formatted(rollouts, settings);
    PrintStream before = System.out;
    var out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      commands.run(0, line);
    } finally {
      System.setOut(before);
    }
    String said = out.toString(StandardCharsets.UTF_8);
    return said.lines().filter(row -> row.startsWith("grpo")).findFirst().orElseThrow();
  }
}
