package dev.reverie.mcap;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds what can be read of a chunk whose checksum is wrong, or that decompresses only in part: any
 * of its bytes may be others than were written.
 *
 * @param bytes what came out of it
 * @param startNanos log time of its first message
 * @param endNanos log time of its last message
 */
record DamagedChunk(FileBytes file, long offset, byte[] bytes, long startNanos, long endNanos) {
  /** A record of it that is in its place. */
  record Piece(int opcode, RecordFields fields) {}

  /**
   * Reads the chunk as far as it goes.
   *
   * @param end of the bytes that may be its own
   * @return empty where nothing can be
   */
  static Optional<DamagedChunk> read(RecordScanner scanner, RecordScanner.Record record, long end) {
    FileBytes file = scanner.file();
    long length = end - record.contentOffset();
    if (length <= 0 || length > scanner.maxRecordBytes()) {
      return Optional.empty();
    }
    byte[] content = new byte[(int) length];
    file.read(record.contentOffset(), content, 0, content.length);
    var fields =
        new RecordFields(file.path(), content, 0, content.length, Opcode.CHUNK, record.offset());
    try {
      long startNanos = fields.takeLong("message_start_time");
      long endNanos = fields.takeLong("message_end_time");
      long size = fields.takeLong("uncompressed_size");
      fields.takeInt("uncompressed_crc");
      McapCompression compression = McapCompression.of(fields.takeString("compression"));
      long said = fields.takeLong("records");
      int packed = (int) (said < 0 ? fields.remaining() : Math.min(said, fields.remaining()));
      if (startNanos < 0 || endNanos < startNanos) {
        return Optional.empty();
      }
      byte[] bytes =
          Compressor.prefix(
              compression, content, fields.position(), packed, size, scanner.maxRecordBytes());
      return Optional.of(new DamagedChunk(file, record.offset(), bytes, startNanos, endNanos));
    } catch (McapException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Returns the records that join what follows them, or hold no other; after a gap those from the
   * next message on.
   */
  List<Piece> pieces() {
    var messages =
        new MessageSearch(
            file,
            (at, target, length) -> System.arraycopy(bytes, (int) at, target, 0, length),
            bytes.length);
    List<Piece> pieces = new ArrayList<>();
    for (long at = 0; at < bytes.length; ) {
      long end = end(messages, at);
      boolean joined = end > at && (end == bytes.length || end(messages, end) > end);
      long next = joined ? end : next(messages, at + 1, end > at ? end : bytes.length);
      if (end > at && next == end) {
        int from = (int) at + Opcode.RECORD_HEADER_BYTES;
        int opcode = bytes[(int) at];
        var fields = new RecordFields(file.path(), bytes, from, (int) end - from, opcode, offset);
        pieces.add(new Piece(opcode, fields));
      }
      at = next;
    }
    return pieces;
  }

  private long next(MessageSearch messages, long at, long end) {
    return messages.next(at, end, startNanos, endNanos);
  }

  /** Returns the end of the record that begins there; the same place where none can. */
  private long end(MessageSearch messages, long at) {
    if (at > bytes.length - Opcode.RECORD_HEADER_BYTES) {
      return at;
    }
    int opcode = bytes[(int) at];
    var head =
        new RecordFields(
            file.path(), bytes, (int) at + 1, Opcode.RECORD_HEADER_BYTES - 1, opcode, offset);
    long length = head.takeLong("length");
    boolean whole =
        switch (opcode) {
          case Opcode.MESSAGE -> messages.isMessage(at, startNanos, endNanos);
          case Opcode.SCHEMA, Opcode.CHANNEL ->
              length > 0 && length <= bytes.length - at - Opcode.RECORD_HEADER_BYTES;
          default -> false;
        };
    return whole ? at + Opcode.RECORD_HEADER_BYTES + length : at;
  }
}
