package dev.reverie.rosidl;

/** An interface file that cannot be used; the message names file and line. */
public final class InterfaceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InterfaceException(String message) {
    super(message);
  }
}
