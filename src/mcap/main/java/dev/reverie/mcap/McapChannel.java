package dev.reverie.mcap;

import java.util.Map;

/**
 * Describes a stream of messages of one topic.
 *
 * @param id 0 to 65535
 * @param schemaId 0 where there is no schema
 * @param messageEncoding for ROS 2 "cdr"
 * @param metadata for ROS 2 "offered_qos_profiles" as YAML
 */
public record McapChannel(
    int id, int schemaId, String topic, String messageEncoding, Map<String, String> metadata) {
  /** Copies the metadata. */
  public McapChannel {
    metadata = Map.copyOf(metadata);
  }

  static McapChannel read(RecordFields fields) {
    return new McapChannel(
        fields.takeShort("id"),
        fields.takeShort("schema_id"),
        fields.takeString("topic"),
        fields.takeString("message_encoding"),
        fields.takeMap("metadata"));
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.CHANNEL);
    out.putShort(id);
    out.putShort(schemaId);
    out.putString(topic);
    out.putString(messageEncoding);
    out.putMap(metadata);
    out.end(record);
  }
}
