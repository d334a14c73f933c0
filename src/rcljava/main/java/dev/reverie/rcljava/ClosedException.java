package dev.reverie.rcljava;

/** Tells that something was used after its close, which may have come from another thread. */
public final class ClosedException extends RclException {
  /** Creates an exception with what is closed. */
  public ClosedException(String message) {
    super(message);
  }
}
