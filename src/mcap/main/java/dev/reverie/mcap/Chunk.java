package dev.reverie.mcap;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Holds a chunk's record, its content decompressed and checked.
 *
 * @param records the records inside; {@code start} and {@code length} within this array
 */
record Chunk(
    Path file,
    RecordScanner.Record record,
    long startNanos,
    long endNanos,
    String compression,
    long compressedBytes,
    byte[] records,
    int start,
    int length) {
  /** Bytes of times, size, checksum, and of the lengths of the two fields that follow. */
  private static final int FIXED_BYTES = 8 + 8 + 8 + 4 + 4 + 8;

  static Chunk read(RecordScanner scanner, RecordScanner.Record record) {
    byte[] content = scanner.content(record);
    RecordFields fields =
        new RecordFields(
            scanner.file().path(), content, 0, content.length, Opcode.CHUNK, record.offset());
    long startNanos = fields.takeLong("message_start_time");
    long endNanos = fields.takeLong("message_end_time");
    long size = fields.takeLong("uncompressed_size");
    int crc = fields.takeInt("uncompressed_crc");
    String compression = fields.takeString("compression");
    RecordFields packed = fields.takeFields(fields.takeLong("records"), "records");
    if (size < 0 || size > scanner.maxRecordBytes()) {
      throw scanner.tooLarge(record, size);
    }
    byte[] records = content;
    int start = packed.position();
    try {
      McapCompression known = McapCompression.of(compression);
      if (known != McapCompression.NONE) {
        Compressor.checkSize(known, content, start, packed.remaining(), size);
        records = new byte[(int) size];
        Compressor.decompress(known, content, start, packed.remaining(), records);
        start = 0;
      } else if (packed.remaining() != size) {
        throw new IllegalArgumentException(
            "it has %d bytes instead of %d".formatted(packed.remaining(), size));
      }
    } catch (IllegalArgumentException e) {
      throw new McapException(
          "Chunk at byte %d of %s: %s; its messages are lost or in doubt, the others can be recovered"
              .formatted(record.offset(), scanner.file().path(), e.getMessage()),
          record.offset(),
          e);
    }
    if (crc != 0 && crc != checksum(records, start, (int) size)) {
      throw new McapException(
          "Chunk at byte %d of %s: its checksum is wrong; its messages are lost or in doubt, the others can be recovered"
              .formatted(record.offset(), scanner.file().path()),
          record.offset());
    }
    return new Chunk(
        scanner.file().path(),
        record,
        startNanos,
        endNanos,
        compression,
        packed.remaining(),
        records,
        start,
        (int) size);
  }

  /** Returns the end of the packed content; a later version may have more in the record. */
  long contentEnd() {
    return record.contentOffset()
        + FIXED_BYTES
        + compression.getBytes(StandardCharsets.UTF_8).length
        + compressedBytes;
  }

  RecordFields fields() {
    return new RecordFields(file, records, start, length, Opcode.CHUNK, record.offset());
  }

  private static int checksum(byte[] bytes, int start, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, length);
    return (int) crc.getValue();
  }
}
