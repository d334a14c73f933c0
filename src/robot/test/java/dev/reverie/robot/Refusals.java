package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** What is told when something is refused. */
public final class Refusals {
  private Refusals() {}

  /** Passes if the refusal of {@code what} names each of the words. */
  public static void assertRefused(Executable what, String... words) {
    String message = String.valueOf(assertThrows(RobotException.class, what).getMessage());
    for (String word : words) {
      assertTrue(message.contains(word), message);
    }
  }
}
