package dev.reverie.lerobot;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Thrift's compact protocol, as far as Parquet's headers need it. Fields by ascending id. */
final class ThriftWriter {
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Deque<Integer> outer = new ArrayDeque<>();
  private int lastField;

  /** The bytes of one structure with these fields. */
  static byte[] struct(Consumer<ThriftWriter> fields) {
    ThriftWriter writer = new ThriftWriter();
    writer.fields(fields);
    return writer.out.toByteArray();
  }

  ThriftWriter i32(int id, int value) {
    field(id, I32);
    varint(zigzag(value));
    return this;
  }

  ThriftWriter i64(int id, long value) {
    field(id, I64);
    varint(zigzag(value));
    return this;
  }

  ThriftWriter string(int id, String value) {
    field(id, BINARY);
    binary(value);
    return this;
  }

  ThriftWriter struct(int id, Consumer<ThriftWriter> fields) {
    field(id, STRUCT);
    fields(fields);
    return this;
  }

  <T> ThriftWriter structs(int id, Collection<T> items, BiConsumer<ThriftWriter, T> fields) {
    list(id, items.size(), STRUCT);
    items.forEach(item -> fields(writer -> fields.accept(writer, item)));
    return this;
  }

  ThriftWriter i32s(int id, Collection<Integer> items) {
    list(id, items.size(), I32);
    items.forEach(item -> varint(zigzag(item)));
    return this;
  }

  ThriftWriter strings(int id, Collection<String> items) {
    list(id, items.size(), BINARY);
    items.forEach(this::binary);
    return this;
  }

  private void fields(Consumer<ThriftWriter> fields) {
    outer.push(lastField);
    lastField = 0;
    fields.accept(this);
    out.write(0);
    lastField = outer.pop();
  }

  private void field(int id, int type) {
    int delta = id - lastField;
    if (delta < 1 || delta > 15) {
      throw new IllegalArgumentException("field " + id + " after field " + lastField);
    }
    out.write(delta << 4 | type);
    lastField = id;
  }

  private void list(int id, int size, int type) {
    field(id, LIST);
    if (size < 15) {
      out.write(size << 4 | type);
    } else {
      out.write(0xF0 | type);
      varint(size);
    }
  }

  private void binary(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    varint(bytes.length);
    out.writeBytes(bytes);
  }

  private static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private void varint(long value) {
    varint(out, value);
  }

  /** Seven bits a byte, the lowest first. */
  static void varint(ByteArrayOutputStream out, long value) {
    while ((value & ~0x7FL) != 0) {
      out.write((int) ((value & 0x7F) | 0x80));
      value >>>= 7;
    }
    out.write((int) value);
  }
}
