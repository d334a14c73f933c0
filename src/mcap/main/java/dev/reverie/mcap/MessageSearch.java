package dev.reverie.mcap;

/**
 * Finds messages among bytes whose records no longer join, by what stands before each: its kind, a
 * length that fits, and a log time as the others around it have.
 */
final class MessageSearch {
  /** Bytes of channel, sequence and the two times. */
  private static final int FIXED_BYTES = 2 + 4 + 8 + 8;

  private static final int HEAD_BYTES = Opcode.RECORD_HEADER_BYTES + FIXED_BYTES;

  private final FileBytes file;
  private final long size;
  private final byte[] head = new byte[HEAD_BYTES];
  private final Source source;

  /** Bytes that can be read anywhere. */
  interface Source {
    /** Copies bytes, all of which are there. */
    void read(long at, byte[] target, int length);
  }

  /**
   * Creates a search.
   *
   * @param file for messages
   * @param size bytes of the source
   */
  MessageSearch(FileBytes file, Source source, long size) {
    this.file = file;
    this.source = source;
    this.size = size;
  }

  /** Returns whether a whole message begins there whose log time is not outside of these. */
  boolean isMessage(long at, long fromNanos, long untilNanos) {
    if (at < 0 || at > size - HEAD_BYTES) {
      return false;
    }
    source.read(at, head, 1);
    if (head[0] != Opcode.MESSAGE) {
      return false;
    }
    source.read(at, head, HEAD_BYTES);
    var fields = new RecordFields(file.path(), head, 1, HEAD_BYTES - 1, Opcode.MESSAGE, at);
    long length = fields.takeLong("length");
    fields.takeShort("channel_id");
    fields.takeInt("sequence");
    long logNanos = fields.takeLong("log_time");
    return length >= FIXED_BYTES
        && length <= size - at - Opcode.RECORD_HEADER_BYTES
        && logNanos >= fromNanos
        && logNanos <= untilNanos
        && fields.takeLong("publish_time") >= 0;
  }

  /**
   * Returns the place of the next such message; {@code end} where none begins before it.
   *
   * @param at the first byte that is looked at
   */
  long next(long at, long end, long fromNanos, long untilNanos) {
    long found = at;
    while (found < end && !isMessage(found, fromNanos, untilNanos)) {
      found++;
    }
    return Math.min(found, end);
  }
}
