package dev.reverie.mcap;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The schemas and channels of a file, by id. */
final class Catalogue {
  private final Map<Integer, McapSchema> schemas = new TreeMap<>();
  private final Map<Integer, McapChannel> channels = new TreeMap<>();

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
  }

  void add(McapSchema schema, RecordFields where) {
    if (schema.id() == 0) {
      throw where.damaged("a schema has id 0, which means 'no schema'");
    }
    McapSchema known = schemas.putIfAbsent(schema.id(), schema);
    if (known != null && !known.equals(schema)) {
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
    McapChannel known = channels.putIfAbsent(channel.id(), channel);
    if (known != null && !known.equals(channel)) {
      throw where.damaged(
          "channel %d is %s here and %s before".formatted(channel.id(), channel, known));
    }
  }

  McapMessage message(RecordFields fields) {
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
