package dev.reverie.robot.setup;

/** Thrown for a set-up that cannot work; the message names the value and the remedy. */
public final class RobotException extends RuntimeException {
  public RobotException(String message) {
    super(message);
  }

  public RobotException(String message, Throwable cause) {
    super(message, cause);
  }
}
