package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import org.junit.jupiter.api.Test;

class TrainerSettingsTest {
  @Test
  void theTemperatureIsReadOutOfWhatTheTrainerSays() {
    assertEquals(1.6f, TrainerSettings.temperature("{\n  \"grpo\": {\"temperature\": 1.6}\n}\n"));
    assertEquals(
        1.25f, TrainerSettings.temperature("a note of {it}\n{\"grpo\": {\"temperature\": 1.25}}"));
  }

  @Test
  void whatHasNoneIsRefused() {
    Refusal.of(
        RoundException.class,
        () -> TrainerSettings.temperature("{\"grpo\": {}}"),
        "no temperature");
    Refusal.of(RoundException.class, () -> TrainerSettings.temperature("{\n oh"), "are not JSON");
  }
}
