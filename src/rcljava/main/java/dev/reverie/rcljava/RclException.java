package dev.reverie.rcljava;

/** What ROS 2 refused, with its own words where it gave some. */
public final class RclException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what was refused, why, and the remedy. */
  public RclException(String message) {
    super(message);
  }

  /** With what was refused, why, the remedy, and the cause. */
  public RclException(String message, Throwable cause) {
    super(message, cause);
  }
}
