package dev.reverie.rcljava;

/** What ROS 2 refused, with its own words where it gave some. */
public final class RclException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RclException(String message) {
    super(message);
  }

  public RclException(String message, Throwable cause) {
    super(message, cause);
  }
}
