package dev.reverie.rcljava;

/** Tells what ROS 2 refused, with its own words where it gave some. */
public sealed class RclException extends RuntimeException permits ClosedException {
  /** Creates an exception with what was refused, why, and the remedy. */
  public RclException(String message) {
    super(message);
  }

  /** Creates an exception with what was refused, why, the remedy, and the cause. */
  public RclException(String message, Throwable cause) {
    super(message, cause);
  }
}
