package dev.reverie.testing;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/** Expects a refusal that tells the reason and the remedy. */
public final class Refusal {
  private Refusal() {}

  /** Passes where the work throws this kind of exception with all of the parts in its message. */
  public static void of(Class<? extends RuntimeException> kind, Executable work, String... parts) {
    String message = String.valueOf(assertThrows(kind, work).getMessage());
    assertAll(
        Stream.of(parts)
            .map(
                part ->
                    () -> assertTrue(message.contains(part), "no '" + part + "' in: " + message)));
  }
}
