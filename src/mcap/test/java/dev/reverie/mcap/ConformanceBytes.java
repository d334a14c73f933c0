package dev.reverie.mcap;

import dev.reverie.mcap.ConformanceVector.Content;
import dev.reverie.mcap.ConformanceVector.Feature;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/** Makes the file of a conformance vector, from the specification and without the writer. */
final class ConformanceBytes {
  private static final byte[] PADDING = {1, (byte) 0xff, (byte) 0xff};

  private final ConformanceVector vector;
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final Map<Integer, ByteArrayOutputStream> indexes = new TreeMap<>();
  private final ByteArrayOutputStream attachmentIndexes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream metadataIndexes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream chunkIndexes = new ByteArrayOutputStream();

  private ConformanceBytes(ConformanceVector vector) {
    this.vector = vector;
  }

  static byte[] of(ConformanceVector vector) {
    return new ConformanceBytes(vector).make();
  }

  private byte[] make() {
    file.writeBytes(Opcode.magic());
    record(file, Opcode.HEADER, true, f -> string(string(f, ""), ""));
    if (vector.has(Feature.CHUNKS)) {
      chunk();
    } else {
      vector.content().forEach(content -> write(file, content, true));
    }
    record(file, Opcode.DATA_END, false, f -> f.writeBytes(ints(crc(file.toByteArray()))));
    int start = file.size();
    ByteArrayOutputStream offsets = new ByteArrayOutputStream();
    if (vector.has(Feature.REPEATED_SCHEMAS)) {
      group(Opcode.SCHEMA, offsets, () -> repeat(Content.Schema.class));
    }
    if (vector.has(Feature.REPEATED_CHANNELS)) {
      group(Opcode.CHANNEL, offsets, () -> repeat(Content.Channel.class));
    }
    if (vector.has(Feature.STATISTICS)) {
      group(Opcode.STATISTICS, offsets, this::statistics);
    }
    group(Opcode.METADATA_INDEX, offsets, () -> file.writeBytes(metadataIndexes.toByteArray()));
    group(Opcode.ATTACHMENT_INDEX, offsets, () -> file.writeBytes(attachmentIndexes.toByteArray()));
    group(Opcode.CHUNK_INDEX, offsets, () -> file.writeBytes(chunkIndexes.toByteArray()));
    boolean empty = file.size() == start;
    long offsetsStart = vector.has(Feature.SUMMARY_OFFSETS) ? file.size() : 0;
    file.writeBytes(vector.has(Feature.SUMMARY_OFFSETS) ? offsets.toByteArray() : new byte[0]);
    file.write(Opcode.FOOTER);
    file.writeBytes(longs(20, empty ? 0 : start, offsetsStart));
    byte[] all = file.toByteArray();
    file.writeBytes(ints(crc(Arrays.copyOfRange(all, start, all.length))));
    file.writeBytes(Opcode.magic());
    return file.toByteArray();
  }

  private void chunk() {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (Content content : vector.content()) {
      if (content instanceof Content.Message message) {
        indexes
            .computeIfAbsent(message.channel(), id -> new ByteArrayOutputStream())
            .writeBytes(longs(message.logNanos(), records.size()));
      }
      write(records, content, false);
    }
    List<Long> times = messages().stream().map(Content.Message::logNanos).sorted().toList();
    long start = times.getFirst();
    long end = times.getLast();
    int at = file.size();
    record(
        file,
        Opcode.CHUNK,
        false,
        f -> {
          f.writeBytes(longs(start, end, records.size()));
          f.writeBytes(ints(crc(records.toByteArray()), 0));
          f.writeBytes(longs(records.size()));
          f.writeBytes(records.toByteArray());
        });
    int length = file.size() - at;
    ByteArrayOutputStream offsets = new ByteArrayOutputStream();
    int indexStart = file.size();
    if (vector.has(Feature.MESSAGE_INDEX)) {
      indexes.forEach(
          (channel, entries) -> {
            offsets.writeBytes(shorts(channel));
            offsets.writeBytes(longs(file.size()));
            record(
                file,
                Opcode.MESSAGE_INDEX,
                true,
                f -> {
                  f.writeBytes(shorts(channel));
                  f.writeBytes(ints(entries.size()));
                  f.writeBytes(entries.toByteArray());
                });
          });
    }
    if (vector.has(Feature.CHUNK_INDEX)) {
      record(
          chunkIndexes,
          Opcode.CHUNK_INDEX,
          true,
          f -> {
            f.writeBytes(longs(start, end, at, length));
            f.writeBytes(ints(offsets.size()));
            f.writeBytes(offsets.toByteArray());
            f.writeBytes(longs(file.size() - indexStart));
            f.writeBytes(ints(0));
            f.writeBytes(longs(records.size(), records.size()));
          });
    }
  }

  private List<Content.Message> messages() {
    return vector.content().stream()
        .filter(Content.Message.class::isInstance)
        .map(Content.Message.class::cast)
        .toList();
  }

  private void write(ByteArrayOutputStream out, Content content, boolean padded) {
    switch (content) {
      case Content.Schema schema ->
          record(
              out,
              Opcode.SCHEMA,
              padded,
              f -> {
                f.writeBytes(shorts(schema.id()));
                string(string(f, schema.name()), schema.encoding());
                f.writeBytes(ints(schema.data().length));
                f.writeBytes(schema.data());
              });
      case Content.Channel channel ->
          record(
              out,
              Opcode.CHANNEL,
              padded,
              f -> {
                f.writeBytes(shorts(channel.id(), channel.schema()));
                string(string(f, channel.topic()), channel.encoding());
                map(f, channel.metadata());
              });
      case Content.Message message ->
          record(
              out,
              Opcode.MESSAGE,
              false,
              f -> {
                f.writeBytes(shorts(message.channel()));
                f.writeBytes(ints(message.sequence()));
                f.writeBytes(longs(message.logNanos(), message.publishNanos()));
                f.writeBytes(message.data());
              });
      case Content.Attachment attachment -> attachment(out, attachment);
      case Content.Metadata metadata -> {
        int at = out.size();
        record(
            out, Opcode.METADATA, padded, f -> map(string(f, metadata.name()), metadata.values()));
        if (vector.has(Feature.METADATA_INDEX)) {
          record(
              metadataIndexes,
              Opcode.METADATA_INDEX,
              true,
              f -> {
                f.writeBytes(longs(at, out.size() - at));
                string(f, metadata.name());
              });
        }
      }
    }
  }

  private void attachment(ByteArrayOutputStream out, Content.Attachment attachment) {
    int at = out.size();
    record(
        out,
        Opcode.ATTACHMENT,
        true,
        f -> {
          f.writeBytes(longs(attachment.logNanos(), attachment.createNanos()));
          string(string(f, attachment.name()), attachment.mediaType());
          f.writeBytes(longs(attachment.data().length));
          f.writeBytes(attachment.data());
          f.writeBytes(ints(crc(f.toByteArray())));
        });
    if (vector.has(Feature.ATTACHMENT_INDEX)) {
      record(
          attachmentIndexes,
          Opcode.ATTACHMENT_INDEX,
          true,
          f -> {
            f.writeBytes(
                longs(
                    at,
                    out.size() - at,
                    attachment.logNanos(),
                    attachment.createNanos(),
                    attachment.data().length));
            string(string(f, attachment.name()), attachment.mediaType());
          });
    }
  }

  private void repeat(Class<? extends Content> kind) {
    vector.content().stream().filter(kind::isInstance).forEach(c -> write(file, c, true));
  }

  private void statistics() {
    List<Content.Message> messages = messages();
    record(
        file,
        Opcode.STATISTICS,
        true,
        f -> {
          f.writeBytes(longs(messages.size()));
          f.writeBytes(shorts(count(Content.Schema.class)));
          f.writeBytes(
              ints(
                  count(Content.Channel.class),
                  count(Content.Attachment.class),
                  count(Content.Metadata.class),
                  vector.has(Feature.CHUNKS) ? 1 : 0));
          f.writeBytes(
              longs(
                  messages.stream().mapToLong(Content.Message::logNanos).min().orElse(0),
                  messages.stream().mapToLong(Content.Message::logNanos).max().orElse(0)));
          f.writeBytes(ints(messages.isEmpty() ? 0 : 10));
          if (!messages.isEmpty()) {
            f.writeBytes(shorts(1));
            f.writeBytes(longs(messages.size()));
          }
        });
  }

  private int count(Class<? extends Content> kind) {
    return (int) vector.content().stream().filter(kind::isInstance).count();
  }

  private void group(int opcode, ByteArrayOutputStream offsets, Runnable write) {
    int start = file.size();
    write.run();
    if (file.size() > start) {
      record(
          offsets,
          Opcode.SUMMARY_OFFSET,
          true,
          f -> {
            f.write(opcode);
            f.writeBytes(longs(start, file.size() - start));
          });
    }
  }

  private void record(
      ByteArrayOutputStream out,
      int opcode,
      boolean padded,
      Consumer<ByteArrayOutputStream> write) {
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    write.accept(fields);
    fields.writeBytes(padded && vector.has(Feature.PADDING) ? PADDING : new byte[0]);
    out.write(opcode);
    out.writeBytes(longs(fields.size()));
    out.writeBytes(fields.toByteArray());
  }

  private static ByteArrayOutputStream string(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeBytes(ints(bytes.length));
    out.writeBytes(bytes);
    return out;
  }

  private static void map(ByteArrayOutputStream out, Map<String, String> map) {
    ByteArrayOutputStream entries = new ByteArrayOutputStream();
    map.forEach((key, value) -> string(string(entries, key), value));
    out.writeBytes(ints(entries.size()));
    out.writeBytes(entries.toByteArray());
  }

  private static byte[] shorts(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putShort((short) value);
    }
    return bytes.array();
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  private static byte[] longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  private static int crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
