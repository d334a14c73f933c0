package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.SmallDisk;
import dev.reverie.trainer.data.Bags;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * A disk that is full in any stage ends the run with what to do, and the run goes on after that.
 */
class FullDiskTest extends LibtorchTest {
  private static final int MOST = 64 << 20;

  /** Left on the disk, so that a run can begin: less than any stage leaves. */
  private static final int LEFT = 16 << 10;

  private final Path folder;

  FullDiskTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aStageThatADiskHasNoRoomForSaysWhatToDoAndIsDoneWhenThereIs() throws IOException {
    Path settings = Files.writeString(folder.resolve("settings.json"), WmpoTest.TINY);
    Path task = Files.writeString(folder.resolve("task.json"), TrainCommandTest.TASK);
    write("demonstrations", Examples.episodes("d", 6));
    String learned =
        " --demonstrations D/demonstrations --out D/disk/models --task %s --settings %s --seed 3"
            .formatted(task, settings);
    String round =
        " --rollouts D/rollouts --demonstrations D/demonstrations --base D/disk/models/base"
            + " --models D/disk/models --work D/disk/work --seed 3 --settings "
            + settings;
    Path disk = Files.createDirectories(folder.resolve("disk"));
    try (var _ = SmallDisk.mount(disk, MOST)) {
      for (String stage : List.of("bc", "vae", "world-model")) {
        fails(disk, "train " + stage + learned);
      }
      String base = PolicyBundle.load(disk.resolve("models/base")).id();
      write("rollouts", Examples.episodes("r", 8, base));
      for (String stage : List.of("align", "reward", "joint-head", "grpo")) {
        fails(disk, "train " + stage + round);
      }
      fails(disk, "train improve --out D/disk/improved" + round);
      fails(disk, "train dpo --out D/disk/preferred" + round);
    }
  }

  private void write(String name, Dataset episodes) {
    Bags.write(folder.resolve(name), episodes, TrainCommandTest.JOINTS, 4);
  }

  /** Runs a command while the disk is full, and again when it is not. */
  private void fails(Path disk, String line) throws IOException {
    Path filler = disk.resolve("filler");
    long free = Files.getFileStore(disk).getUsableSpace();
    Files.write(filler, new byte[(int) free - LEFT]);
    String told = run(1, line);
    assertTrue(told.contains("no space left on device"), line + ": " + told);
    assertTrue(told.contains("make room"), line + ": " + told);
    assertFalse(told.contains("Exception"), line + ": " + told);
    Files.delete(filler);
    run(0, line);
  }

  private String run(int status, String line) {
    StringWriter errors = new StringWriter();
    CommandLine command = TrainCommand.commandLine();
    command.setErr(new PrintWriter(errors, true));
    assertEquals(
        status, command.execute(line.replace("D/", folder + "/").split(" ")), errors::toString);
    return errors.toString();
  }
}
