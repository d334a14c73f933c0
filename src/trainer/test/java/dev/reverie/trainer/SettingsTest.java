package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.nn.Refusal;
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
    Refusal.saying(
        "there is no setting 'grpo.iteration'; there are iterations, groups",
        () -> read("{\"grpo\": {\"iteration\": 7}}"));
  }

  @Test
  void aValueThatMakesNoSenseIsRefused() {
    Refusal.saying("groupSize is 1", () -> read("{\"grpo\": {\"groupSize\": 1}}"));
  }

  private Settings read(String json) throws IOException {
    return Settings.read(Files.writeString(folder.resolve("settings.json"), json));
  }
}
