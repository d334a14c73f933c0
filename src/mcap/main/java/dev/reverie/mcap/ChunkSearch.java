package dev.reverie.mcap;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the next whole chunk in a file whose records no longer join: what was written after a
 * damaged length can still be read.
 */
final class ChunkSearch {
  /** Bytes of the times, sizes and checksum before the name of the compression. */
  private static final int FIXED_BYTES = 8 + 8 + 8 + 4;

  private static final int MAX_HEADER_BYTES = Opcode.RECORD_HEADER_BYTES + FIXED_BYTES + 4 + 4 + 8;
  private static final Set<String> COMPRESSIONS = Set.of("", "lz4", "zstd");

  /**
   * The number of times that the file's size may be read in vain: a file can be made of false
   * beginnings.
   */
  private static final int WASTE = 4;

  private final RecordScanner scanner;
  private final byte[] header = new byte[MAX_HEADER_BYTES];
  private long wasted;
  private long searchedFrom = Long.MAX_VALUE;
  private long found;

  ChunkSearch(RecordScanner scanner) {
    this.scanner = scanner;
  }

  /**
   * Returns the place of the next readable chunk; the file's end where there is none.
   *
   * @param offset of the first byte that is looked at
   */
  long next(long offset) {
    if (offset < searchedFrom || offset > found) {
      searchedFrom = offset;
      found = search(offset);
    }
    return found;
  }

  private long search(long offset) {
    FileBytes file = scanner.file();
    long last = file.size() - MAX_HEADER_BYTES;
    for (long at = offset; at <= last && wasted <= WASTE * file.size(); at++) {
      file.read(at, header, 0, 1);
      if (header[0] == Opcode.CHUNK && looksLikeChunk(at) && isChunk(at)) {
        return at;
      }
    }
    return file.size();
  }

  /**
   * Returns the chunk that begins there, whatever its record says of its length: one with a
   * checksum, which is right.
   */
  Optional<RecordScanner.Record> withoutLength(long at) {
    long size = scanner.file().size();
    if (at > size - MAX_HEADER_BYTES || wasted > WASTE * size) {
      return Optional.empty();
    }
    scanner.file().read(at, header, 0, MAX_HEADER_BYTES);
    if (header[0] != Opcode.CHUNK) {
      return Optional.empty();
    }
    RecordFields fields =
        new RecordFields(scanner.file().path(), header, 1, MAX_HEADER_BYTES - 1, Opcode.CHUNK, at);
    fields.takeBytes(8 + 8 + 8 + 8, "times and lengths");
    int crc = fields.takeInt("uncompressed_crc");
    int name = fields.takeInt("compression");
    if (crc == 0 || name < 0 || name > 4) {
      return Optional.empty();
    }
    fields.takeBytes(name, "compression");
    long packed = fields.takeLong("records");
    long left = size - at - Opcode.RECORD_HEADER_BYTES;
    long length = FIXED_BYTES + 4 + name + 8 + packed;
    if (packed < 0 || length > left) {
      return Optional.empty();
    }
    var record = new RecordScanner.Record(Opcode.CHUNK, at, length);
    return isChunk(record) ? Optional.of(record) : Optional.empty();
  }

  private boolean looksLikeChunk(long at) {
    scanner.file().read(at, header, 0, MAX_HEADER_BYTES);
    RecordFields fields =
        new RecordFields(scanner.file().path(), header, 1, MAX_HEADER_BYTES - 1, Opcode.CHUNK, at);
    long length = fields.takeLong("length");
    long start = fields.takeLong("message_start_time");
    long end = fields.takeLong("message_end_time");
    long size = fields.takeLong("uncompressed_size");
    fields.takeInt("uncompressed_crc");
    int name = fields.takeInt("compression");
    if (start < 0 || end < start || size < 0 || name < 0 || name > 4) {
      return false;
    }
    String compression =
        new String(fields.takeBytes(name, "compression"), StandardCharsets.ISO_8859_1);
    long packed = fields.takeLong("records");
    return COMPRESSIONS.contains(compression) && packed == length - FIXED_BYTES - 4 - name - 8;
  }

  private boolean isChunk(long at) {
    try {
      return isChunk(scanner.at(at));
    } catch (McapException cutOff) {
      wasted += MAX_HEADER_BYTES;
      return false;
    }
  }

  private boolean isChunk(RecordScanner.Record record) {
    try {
      Chunk.read(scanner, record);
      return true;
    } catch (McapException e) {
      wasted += MAX_HEADER_BYTES + record.length();
      return false;
    }
  }
}
