package dev.reverie.rosidl;

/** Tells of an interface file that cannot be used; the message names file and line. */
public final class InterfaceException extends RuntimeException {
  InterfaceException(String message) {
    super(message);
  }
}
