package dev.reverie.rcljava;

/** Tells what ROS 2 refused, with its own words where it gave some. */
public final class RclException extends RuntimeException {
  /** Creates an exception with what was refused, why, and the remedy. */
  public RclException(String message) {
    super(message);
  }

  /** Creates an exception with what was refused, why, the remedy, and the cause. */
  public RclException(String message, Throwable cause) {
    super(message, cause);
  }
}
