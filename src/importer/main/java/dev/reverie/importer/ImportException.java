package dev.reverie.importer;

import org.jspecify.annotations.Nullable;

/** Thrown where a bag cannot be imported as its mapping says; the message names the remedy. */
public final class ImportException extends RuntimeException {
  /** Creates a refusal that nothing else caused. */
  public ImportException(String message) {
    super(message);
  }

  ImportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
