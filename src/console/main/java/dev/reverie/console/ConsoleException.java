package dev.reverie.console;

/** The console cannot start, or cannot do what it was asked to; the message says why. */
final class ConsoleException extends RuntimeException {
  ConsoleException(String message) {
    super(message);
  }

  ConsoleException(String message, Throwable cause) {
    super(message, cause);
  }
}
