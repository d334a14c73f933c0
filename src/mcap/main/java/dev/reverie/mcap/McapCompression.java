package dev.reverie.mcap;

/** Names a compression of the content of chunks. */
public enum McapCompression {
  /** No compression. */
  NONE(""),
  /** LZ4: fast. */
  LZ4("lz4"),
  /** Zstandard: small. */
  ZSTD("zstd");

  private final String id;

  McapCompression(String id) {
    this.id = id;
  }

  /** Returns the name that stands in a file; empty for none. */
  public String id() {
    return id;
  }

  /**
   * Returns the compression of this name; throws {@link IllegalArgumentException} where it is
   * unknown.
   */
  static McapCompression of(String id) {
    for (McapCompression compression : values()) {
      if (compression.id.equals(id)) {
        return compression;
      }
    }
    throw new IllegalArgumentException(
        "compression '" + id + "' is unknown; known are 'lz4', 'zstd' and '' (none)");
  }
}
