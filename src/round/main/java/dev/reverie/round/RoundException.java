package dev.reverie.round;

/** A round cannot go on; the message says what to do. */
final class RoundException extends RuntimeException {
  RoundException(String message) {
    super(message);
  }

  RoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
