package dev.reverie.round;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The settings as the trainer is told of them.
 *
 * @param preset name of settings that belong together
 * @param file JSON with the settings that are to be others than those
 */
record TrainerSettings(Optional<String> preset, Optional<Path> file) {
  /** Returns them as options of the trainer's commands. */
  List<String> options() {
    List<String> options = new ArrayList<>();
    preset.ifPresent(name -> options.addAll(List.of("--preset", name)));
    file.ifPresent(json -> options.addAll(List.of("--settings", json.toString())));
    return options;
  }

  /**
   * Refuses what the trainer would refuse.
   *
   * @param log of the process that is asked
   */
  void require(Path log) {
    if (!options().isEmpty()) {
      RoundTraining.requireSettings(options(), log);
    }
  }

  /**
   * The temperature that the policy practises at, and that its rollouts are so drawn at. Refuses
   * what the trainer would refuse.
   *
   * @param log of the process that is asked; what it said before is lost
   */
  float temperature(Path log) {
    Folders.delete(log);
    RoundTraining.requireSettings(options(), log);
    try {
      return temperature(Files.readString(log));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }

  /**
   * The temperature in what the trainer says its settings are.
   *
   * @param said JSON, perhaps after lines of other things
   */
  static float temperature(String said) {
    try {
      JsonNode settings = RoundSummary.JSON.readTree(said.substring(Math.max(0, begin(said))));
      JsonNode temperature = settings.at("/grpo/temperature");
      if (!temperature.isNumber()) {
        throw new RoundException("the trainer says no temperature among its settings: " + said);
      }
      return temperature.floatValue();
    } catch (JsonProcessingException e) {
      throw new RoundException("the trainer's settings are not JSON: " + said, e);
    }
  }

  private static int begin(String said) {
    return said.startsWith("{") ? 0 : said.indexOf("\n{") + 1;
  }
}
