package dev.reverie.mcap;

import org.jspecify.annotations.Nullable;

/**
 * Tells of a file that is damaged, cut off or cannot be written. The message names the file's place
 * and what can be done about it.
 */
public class McapException extends RuntimeException {
  /** Byte of the file where the trouble begins. */
  private final long offset;

  /**
   * Creates an exception without a cause.
   *
   * @param offset byte of the file where the trouble begins
   */
  public McapException(String message, long offset) {
    this(message, offset, null);
  }

  /**
   * Creates an exception with its cause.
   *
   * @param offset byte of the file where the trouble begins
   */
  public McapException(String message, long offset, @Nullable Throwable cause) {
    super(message, cause);
    this.offset = offset;
  }

  /** Returns the byte of the file where the trouble begins. */
  public long offset() {
    return offset;
  }
}
