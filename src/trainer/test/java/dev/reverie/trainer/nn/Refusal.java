package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Expects the trainer to refuse something and to say why. */
public final class Refusal {
  private Refusal() {}

  public static void saying(String part, Executable work) {
    String message = String.valueOf(assertThrows(TrainerException.class, work).getMessage());
    assertTrue(message.contains(part), message);
  }
}
