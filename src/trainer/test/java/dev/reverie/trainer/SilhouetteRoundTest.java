package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.data.ArmSight;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A round whose world model is told of joints and shown where the arm is. */
class SilhouetteRoundTest extends LibtorchTest {
  private static final String TOLD =
      TrainCommandTest.LONGER
          .replace("\"worldModel\": {", "\"worldModel\": {\"joints\": true, \"silhouette\": true, ")
          .replace("\"jointHead\": {", "\"jointHead\": {\"kind\": \"DYNAMICS\", ");

  private final Path folder;
  private final RunCommands commands;

  SilhouetteRoundTest(@TempDir Path folder) {
    this.folder = folder;
    commands = new RunCommands(folder);
  }

  @Test
  void fromBagsToABetterPolicyAndItsAudit() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), TOLD);
    Path usual = Files.writeString(folder.resolve("usual.json"), TrainCommandTest.LONGER);
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    commands.write("demonstrations", "d", 6, "");
    String pretrain = "pretrain --demonstrations D/demonstrations --seed 3 --task " + task;
    commands.run(0, pretrain + " --out D/models --settings " + settings);
    commands.run(0, pretrain + " --out D/usual --settings " + usual);
    assertTrue(Files.exists(folder.resolve("models").resolve(ArmSight.FILE)));
    assertTrue(Files.notExists(folder.resolve("usual").resolve(ArmSight.FILE)));
    PolicyBundle base = commands.bundle("models/base");
    commands.write("rollouts", "r", 8, base.id());
    String improve =
        "train improve --rollouts D/rollouts --demonstrations D/demonstrations --base"
            + " D/models/base --work D/work --out D/improved --seed 3 --settings "
            + settings;
    commands.refused(improve + " --models D/usual", "silhouette.json cannot be read");
    commands.run(0, improve + " --models D/models");
    PolicyBundle improved = commands.bundle("improved");
    assertEquals(base.id(), improved.spec().lineage().parent());
    assertNotEquals(base.id(), improved.id());
    commands.write("fresh", "f", 6, improved.id());
    commands.run(
        0,
        "train audit --models D/models --work D/work --out D/audit.json --bags D/fresh --bundle"
            + " D/improved --starts 4");
  }
}
