package dev.reverie.msgs;

/**
 * Tells of bytes that are not the message they are read as, or of a message that its type does not
 * allow.
 */
public final class CdrException extends RuntimeException {
  /** Creates an exception with what is wrong. */
  public CdrException(String message) {
    super(message);
  }
}
