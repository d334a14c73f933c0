package dev.reverie.sim;

/** MuJoCo refused something or failed; the message is MuJoCo's own where there is one. */
final class MujocoException extends RuntimeException {
  MujocoException(String message) {
    super(message);
  }

  MujocoException(String message, Throwable cause) {
    super(message, cause);
  }
}
