package dev.reverie.mcap;

import org.jspecify.annotations.Nullable;

/**
 * A file that is damaged, cut off or cannot be written. The message names the file's place and what
 * can be done about it.
 */
public class McapException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long offset;

  /**
   * @param offset byte of the file where the trouble begins
   */
  public McapException(String message, long offset) {
    this(message, offset, null);
  }

  /**
   * @param offset byte of the file where the trouble begins
   */
  public McapException(String message, long offset, @Nullable Throwable cause) {
    super(message, cause);
    this.offset = offset;
  }

  /** Byte of the file where the trouble begins. */
  public long offset() {
    return offset;
  }
}
