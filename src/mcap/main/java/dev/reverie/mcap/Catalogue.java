package dev.reverie.mcap;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Keeps the schemas and channels of a file, by id. */
final class Catalogue {
  /** The limit for all schemas and channels together; the types of a robot are some 100 KiB. */
  private static final long MAX_BYTES = 64L << 20;

  private final Map<Integer, McapSchema> schemas = new TreeMap<>();
  private final Map<Integer, McapChannel> channels = new TreeMap<>();
  private long bytes;
  private boolean redefines;

  /** Takes from now on another schema or channel of a known id for the one that holds. */
  void redefine() {
    redefines = true;
  }

  Map<Integer, McapSchema> schemas() {
    return schemas;
  }

  Map<Integer, McapChannel> channels() {
    return channels;
  }

  @Nullable McapSchema schema(int id) {
    return schemas.get(id);
  }

  @Nullable McapChannel channel(int id) {
    return channels.get(id);
  }

  void clear() {
    schemas.clear();
    channels.clear();
    bytes = 0;
  }

  void add(McapSchema schema, RecordFields where) {
    if (schema.id() == 0) {
      throw where.damaged("a schema has id 0, which means 'no schema'");
    }
    McapSchema known = schemas.get(schema.id());
    if (known == null || redefined(known, schema)) {
      count(schema.name().length() + schema.data().length, where);
      schemas.put(schema.id(), schema);
    } else if (!known.equals(schema)) {
      throw where.damaged(
          "schema %d is '%s' here and '%s' before"
              .formatted(schema.id(), schema.name(), known.name()));
    }
  }

  void add(McapChannel channel, RecordFields where) {
    if (channel.schemaId() != 0 && !schemas.containsKey(channel.schemaId())) {
      throw where.damaged(
          "channel %d (%s) has schema %d, which does not stand before it"
              .formatted(channel.id(), channel.topic(), channel.schemaId()));
    }
    McapChannel known = channels.get(channel.id());
    if (known == null || redefined(known, channel)) {
      long size = channel.topic().length();
      for (Map.Entry<String, String> entry : channel.metadata().entrySet()) {
        size += entry.getKey().length() + entry.getValue().length();
      }
      count(size, where);
      channels.put(channel.id(), channel);
    } else if (!known.equals(channel)) {
      throw where.damaged(
          "channel %d is %s here and %s before".formatted(channel.id(), channel, known));
    }
  }

  private boolean redefined(Object known, Object now) {
    return redefines && !known.equals(now);
  }

  private void count(long added, RecordFields where) {
    if (bytes + added > MAX_BYTES) {
      throw where.damaged(
          "the schemas and channels have more than the %d MiB that are kept"
              .formatted(MAX_BYTES >> 20));
    }
    bytes += added;
  }

  /** Takes up a record of the data, and returns the message where it is one. */
  @Nullable McapMessage take(int opcode, RecordFields fields) {
    switch (opcode) {
      case Opcode.SCHEMA -> add(McapSchema.read(fields), fields);
      case Opcode.CHANNEL -> add(McapChannel.read(fields), fields);
      case Opcode.MESSAGE -> {
        return message(fields);
      }
      case Opcode.CHUNK -> throw fields.damaged("a chunk stands inside a chunk");
      default -> {} // of a later version
    }
    return null;
  }

  private McapMessage message(RecordFields fields) {
    int id = fields.takeShort("channel_id");
    McapChannel channel = channels.get(id);
    if (channel == null) {
      throw fields.damaged("a message has channel " + id + ", which does not stand before it");
    }
    return new McapMessage(
        channel,
        fields.takeInt("sequence"),
        fields.takeLong("log_time"),
        fields.takeLong("publish_time"),
        fields.rest());
  }
}
