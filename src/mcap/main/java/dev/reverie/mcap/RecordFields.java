package dev.reverie.mcap;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of one record, one after the other; no length is believed before it is checked.
 */
final class RecordFields {
  private static final VarHandle SHORT = view(short[].class);
  private static final VarHandle INT = view(int[].class);
  private static final VarHandle LONG = view(long[].class);

  private final Path file;
  private final byte[] bytes;
  private final int limit;
  private final long fileOffset;
  private final int opcode;
  private int position;

  /**
   * Begins with the first field.
   *
   * @param file for messages
   * @param opcode what the record is, for messages
   * @param fileOffset where it stands in the file (a record inside a chunk: where the chunk stands)
   */
  RecordFields(Path file, byte[] bytes, int start, int length, int opcode, long fileOffset) {
    this.file = file;
    this.bytes = bytes;
    this.position = start;
    this.limit = start + length;
    this.opcode = opcode;
    this.fileOffset = fileOffset;
  }

  private static VarHandle view(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.LITTLE_ENDIAN);
  }

  int position() {
    return position;
  }

  int remaining() {
    return limit - position;
  }

  int takeByte(String field) {
    need(1, field);
    return bytes[position++] & 0xff;
  }

  int takeShort(String field) {
    need(2, field);
    int value = (short) SHORT.get(bytes, position) & 0xffff;
    position += 2;
    return value;
  }

  int takeInt(String field) {
    need(4, field);
    int value = (int) INT.get(bytes, position);
    position += 4;
    return value;
  }

  long takeLong(String field) {
    need(8, field);
    long value = (long) LONG.get(bytes, position);
    position += 8;
    return value;
  }

  String takeString(String field) {
    int length = takeLength(Integer.toUnsignedLong(takeInt(field)), field);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, position, length))
              .toString();
      position += length;
      return text;
    } catch (CharacterCodingException e) {
      throw damaged("'" + field + "' is not UTF-8 text", e);
    }
  }

  Map<String, String> takeMap(String field) {
    int length = takeLength(Integer.toUnsignedLong(takeInt(field)), field);
    RecordFields entries = new RecordFields(file, bytes, position, length, opcode, fileOffset);
    position += length;
    Map<String, String> map = new LinkedHashMap<>();
    while (entries.remaining() > 0) {
      map.put(entries.takeString(field), entries.takeString(field));
    }
    return map;
  }

  /** Returns a part of the record with a length before it, as fields of its own. */
  RecordFields takeFields(long length, String field) {
    return takeFields(opcode, length, field);
  }

  /** Returns a record inside this one. */
  RecordFields takeFields(int opcode, long length, String field) {
    int checked = takeLength(length, field);
    RecordFields part = new RecordFields(file, bytes, position, checked, opcode, fileOffset);
    position += checked;
    return part;
  }

  byte[] takeBytes(long length, String field) {
    int checked = takeLength(length, field);
    byte[] part = new byte[checked];
    System.arraycopy(bytes, position, part, 0, checked);
    position += checked;
    return part;
  }

  /** Returns the rest of the record, as a view that cannot be written. */
  MemorySegment rest() {
    return MemorySegment.ofArray(bytes).asSlice(position, limit - position).asReadOnly();
  }

  McapException damaged(String what) {
    return damaged(what, null);
  }

  private McapException damaged(String what, @Nullable Exception cause) {
    return new McapException(
        "%s at byte %d of %s: %s; the file is damaged, and what is whole in it can be recovered"
            .formatted(Opcode.name(opcode), fileOffset, file, what),
        fileOffset,
        cause);
  }

  private void need(int count, String field) {
    if (count > limit - position) {
      throw damaged(
          "'%s' needs %d bytes but the record has %d left"
              .formatted(field, count, limit - position));
    }
  }

  private int takeLength(long length, String field) {
    if (length < 0 || length > limit - position) {
      throw damaged(
          "'%s' says it has %s bytes but the record has %d left"
              .formatted(field, Long.toUnsignedString(length), limit - position));
    }
    return (int) length;
  }
}
