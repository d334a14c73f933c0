package dev.reverie.round;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the trainer is told of its settings.
 *
 * @param preset name of settings that belong together
 * @param file JSON with the settings that are to be others than those
 */
record TrainerSettings(Optional<String> preset, Optional<Path> file) {
  /** As options of the trainer's commands. */
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
}
