package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.rollout.Rollouts;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
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
}
