package dev.reverie.mcap;

/** How the content of chunks is compressed. */
public enum McapCompression {
  NONE(""),
  LZ4("lz4"),
  ZSTD("zstd");

  private final String id;

  McapCompression(String id) {
    this.id = id;
  }

  /** The name that stands in a file; empty for none. */
  public String id() {
    return id;
  }

  /** Throws {@link IllegalArgumentException} for a name that is none of ours. */
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
