package dev.reverie.round;

/** The command was not to wait for the recordings that it needs; the message says which. */
final class WaitingException extends RuntimeException {
  WaitingException(String message) {
    super(message);
  }
}
