package dev.reverie.msgs;

/** Bytes that are not the message they are read as, or a message that its type does not allow. */
public final class CdrException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public CdrException(String message) {
    super(message);
  }
}
