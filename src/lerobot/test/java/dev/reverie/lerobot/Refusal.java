package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What is refused must say why. */
final class Refusal {
  private Refusal() {}

  static void of(Executable executable, String... expected) {
    String message = String.valueOf(assertThrows(LerobotException.class, executable).getMessage());
    for (String part : expected) {
      assertTrue(message.contains(part), () -> "'" + part + "' is not in: " + message);
    }
  }
}
