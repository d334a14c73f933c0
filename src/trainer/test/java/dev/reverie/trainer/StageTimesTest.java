package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The seconds of stages, and what is told where they cannot be kept. */
class StageTimesTest extends LibtorchTest {
  private final Path folder;

  StageTimesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aFileThatIsNoneIsRefusedByName() throws IOException {
    for (String json : new String[] {"null", "{\"vae\": null}", "{\"vae\": ", "[]", ""}) {
      Path file = Files.writeString(folder.resolve("seconds.json"), json);
      Refusal.of(
          TrainerException.class, () -> new StageTimes(file), file.toString(), "; delete it");
    }
  }

  @Test
  void whatFailedIsToldThoughItsSecondsCannotBeKept() throws IOException {
    Path file = Files.createDirectories(folder.resolve("file")).resolve("seconds.json");
    StageTimes times = new StageTimes(file);
    times.time("vae", () -> {});
    assertEquals(1, new StageTimes(file).seconds().size());
    Files.delete(file);
    Files.delete(folder.resolve("file"));
    Files.writeString(folder.resolve("file"), "no folder");
    TrainerException told =
        assertThrows(
            TrainerException.class,
            () ->
                times.time(
                    "vae",
                    () -> {
                      throw new TrainerException("the disk is full");
                    }));
    assertEquals("the disk is full", told.getMessage());
    assertTrue(told.getSuppressed().length > 0);
  }
}
