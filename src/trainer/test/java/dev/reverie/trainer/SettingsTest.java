package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  private final Path folder;

  SettingsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void aFileChangesOnlyWhatItNames() throws IOException {
    Settings settings = read("{\"grpo\": {\"iterations\": 7}, \"vae\": {\"steps\": 5}}");
    assertEquals(7, settings.grpo().iterations());
    assertEquals(5, settings.vae().steps());
    assertEquals(Settings.DEFAULT.worldModel(), settings.worldModel());
    assertEquals(Settings.DEFAULT.grpo().groups(), settings.grpo().groups());
  }

  @Test
  void anUnknownSettingIsNamedWithThoseThatThereAre() {
    Refusal.of(
        TrainerException.class,
        () -> read("{\"grpo\": {\"iteration\": 7}}"),
        "there is no setting 'grpo.iteration'; there are iterations, groups");
  }

  @Test
  void aValueThatMakesNoSenseIsRefused() {
    Refusal.of(
        TrainerException.class, () -> read("{\"grpo\": {\"groupSize\": 1}}"), "groupSize is 1");
  }

  private Settings read(String json) throws IOException {
    return Settings.read(Files.writeString(folder.resolve("settings.json"), json));
  }
}
