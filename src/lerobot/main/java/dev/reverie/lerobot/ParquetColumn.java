package dev.reverie.lerobot;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.xerial.snappy.Snappy;

/** The values of one leaf in a row group: plain encoding, pages of about 1 MiB, Snappy. */
final class ParquetColumn {
  private static final int PAGE_BYTES = 1 << 20;
  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int SNAPPY = 1;

  private final List<String> path;
  private final ParquetType.Leaf type;
  private final int maxDefinition;
  private final int maxRepetition;
  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteArrayOutputStream repetitions = new ByteArrayOutputStream();
  private final List<byte[]> pages = new ArrayList<>();
  private int bits;
  private int pageValues;
  private int runLevel;
  private int runLength;
  private long chunkValues;
  private long uncompressed;

  /**
   * Begins a column.
   *
   * @param path names of the schema from the column down to the leaf
   * @param maxDefinition levels that may be absent, all of which are there
   * @param maxRepetition lists around the leaf
   */
  ParquetColumn(List<String> path, ParquetType.Leaf type, int maxDefinition, int maxRepetition) {
    this.path = List.copyOf(path);
    this.type = type;
    this.maxDefinition = maxDefinition;
    this.maxRepetition = maxRepetition;
  }

  /**
   * Adds a value.
   *
   * @param repetition the depth of the list that goes on with this value; 0: a new row
   */
  void add(Object value, int repetition) {
    if (maxRepetition > 0) {
      repeat(repetition);
    }
    switch (type) {
      case BOOL -> bit((Boolean) value);
      case INT64 -> values.write(number.putLong(0, (Long) value).array(), 0, 8);
      case FLOAT -> values.write(number.putFloat(0, (Float) value).array(), 0, 4);
      case DOUBLE -> values.write(number.putDouble(0, (Double) value).array(), 0, 8);
      case STRING -> bytes(((String) value).getBytes(StandardCharsets.UTF_8));
      case BINARY -> bytes((byte[]) value);
    }
    pageValues++;
  }

  /** Ends a row: only there a page may. */
  void endRow() throws IOException {
    if (values.size() >= PAGE_BYTES) {
      endPage();
    }
  }

  private void bytes(byte[] value) {
    values.write(number.putInt(0, value.length).array(), 0, 4);
    values.writeBytes(value);
  }

  /** Eight to a byte, the first in the lowest bit; the last byte waits in {@link #bits}. */
  private void bit(boolean value) {
    int at = pageValues % 8;
    bits = at == 0 ? 0 : bits;
    bits |= value ? 1 << at : 0;
    if (at == 7) {
      values.write(bits);
    }
  }

  private void repeat(int level) {
    if (runLength > 0 && level != runLevel) {
      endRun();
    }
    runLevel = level;
    runLength++;
  }

  private void endRun() {
    run(repetitions, runLevel, runLength);
    runLength = 0;
  }

  /** A run of equal levels; levels stay below 256, one byte. */
  private static void run(ByteArrayOutputStream out, int level, int length) {
    ThriftWriter.varint(out, (long) length << 1);
    out.write(level);
  }

  private void endPage() throws IOException {
    if (type == ParquetType.Leaf.BOOL && pageValues % 8 != 0) {
      values.write(bits);
    }
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    if (maxRepetition > 0) {
      endRun();
      levels(page, repetitions);
    }
    ByteArrayOutputStream definitions = new ByteArrayOutputStream();
    run(definitions, maxDefinition, pageValues);
    levels(page, definitions);
    values.writeTo(page);
    byte[] compressed = Snappy.compress(page.toByteArray());
    int count = pageValues;
    byte[] header =
        ThriftWriter.struct(
            h ->
                h.i32(1, 0) // a data page, version 1
                    .i32(2, page.size())
                    .i32(3, compressed.length)
                    .struct(5, d -> d.i32(1, count).i32(2, PLAIN).i32(3, RLE).i32(4, RLE)));
    pages.add(header);
    pages.add(compressed);
    uncompressed += header.length + page.size();
    chunkValues += pageValues;
    pageValues = 0;
    values.reset();
    repetitions.reset();
  }

  private void levels(ByteArrayOutputStream page, ByteArrayOutputStream runs) {
    page.write(number.putInt(0, runs.size()).array(), 0, 4);
    page.writeBytes(runs.toByteArray());
  }

  /** A written column chunk. */
  record Chunk(
      ParquetColumn column,
      long values,
      long uncompressedBytes,
      long compressedBytes,
      long offset) {
    void describe(ThriftWriter thrift) {
      thrift
          .i64(2, offset)
          .struct(
              3,
              m ->
                  m.i32(1, column.type.physical)
                      .i32s(2, List.of(PLAIN, RLE))
                      .strings(3, column.path)
                      .i32(4, SNAPPY)
                      .i64(5, values)
                      .i64(6, uncompressedBytes)
                      .i64(7, compressedBytes)
                      .i64(9, offset));
    }
  }

  /**
   * Writes what was added and begins anew.
   *
   * @param offset of the output, bytes from the file's beginning
   */
  Chunk flush(OutputStream out, long offset) throws IOException {
    if (pageValues > 0) {
      endPage();
    }
    long bytes = 0;
    for (byte[] part : pages) {
      out.write(part);
      bytes += part.length;
    }
    Chunk chunk = new Chunk(this, chunkValues, uncompressed, bytes, offset);
    pages.clear();
    chunkValues = 0;
    uncompressed = 0;
    return chunk;
  }
}
