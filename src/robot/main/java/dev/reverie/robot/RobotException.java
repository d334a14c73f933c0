package dev.reverie.robot;

/** A set-up of the robot node that cannot work; the message names the value and the remedy. */
final class RobotException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RobotException(String message) {
    super(message);
  }

  RobotException(String message, Throwable cause) {
    super(message, cause);
  }
}
