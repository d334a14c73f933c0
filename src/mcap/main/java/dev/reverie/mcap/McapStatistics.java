package dev.reverie.mcap;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counts what a file holds.
 *
 * @param startNanos earliest log time, 0 without messages
 * @param endNanos latest log time, 0 without messages
 * @param channelMessages number of messages by channel id
 */
public record McapStatistics(
    long messages,
    int schemas,
    int channels,
    int attachments,
    int metadata,
    int chunks,
    long startNanos,
    long endNanos,
    Map<Integer, Long> channelMessages) {
  /** Copies the numbers. */
  public McapStatistics {
    channelMessages = Map.copyOf(channelMessages);
  }

  static McapStatistics read(RecordFields fields) {
    long messages = fields.takeLong("message_count");
    int schemas = fields.takeShort("schema_count");
    int channels = fields.takeInt("channel_count");
    int attachments = fields.takeInt("attachment_count");
    int metadata = fields.takeInt("metadata_count");
    int chunks = fields.takeInt("chunk_count");
    long start = fields.takeLong("message_start_time");
    long end = fields.takeLong("message_end_time");
    RecordFields entries =
        fields.takeFields(
            Integer.toUnsignedLong(fields.takeInt("channel_message_counts")),
            "channel_message_counts");
    Map<Integer, Long> counts = new TreeMap<>();
    while (entries.remaining() > 0) {
      counts.put(
          entries.takeShort("channel_message_counts"), entries.takeLong("channel_message_counts"));
    }
    return new McapStatistics(
        messages, schemas, channels, attachments, metadata, chunks, start, end, counts);
  }

  void write(RecordBuffer out) {
    int record = out.begin(Opcode.STATISTICS);
    out.putLong(messages);
    out.putShort(schemas);
    out.putInt(channels);
    out.putInt(attachments);
    out.putInt(metadata);
    out.putInt(chunks);
    out.putLong(startNanos);
    out.putLong(endNanos);
    out.putInt(channelMessages.size() * (2 + 8));
    new TreeMap<>(channelMessages)
        .forEach(
            (channel, count) -> {
              out.putShort(channel);
              out.putLong(count);
            });
    out.end(record);
  }
}
