package dev.reverie.replay;

/** Refuses a recording or a request; the message says why and what to do. */
final class ReplayException extends RuntimeException {
  ReplayException(String message) {
    super(message);
  }

  ReplayException(String message, Throwable cause) {
    super(message, cause);
  }
}
