package dev.reverie.report;

/** Reports a command that cannot be started or has failed; the message says which and why. */
public final class ReverieProcessException extends RuntimeException {
  ReverieProcessException(String message) {
    super(message);
  }

  ReverieProcessException(String message, Throwable cause) {
    super(message, cause);
  }
}
