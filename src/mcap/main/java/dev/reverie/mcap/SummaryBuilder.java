package dev.reverie.mcap;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Keeps what a file's summary will say while the file is written. */
final class SummaryBuilder {
  private final Map<Integer, McapSchema> schemas = new TreeMap<>();
  private final Map<Integer, McapChannel> channels = new TreeMap<>();
  private final List<ChunkIndex> chunks = new ArrayList<>();
  private final List<AttachmentIndex> attachments = new ArrayList<>();
  private final List<MetadataIndex> metadata = new ArrayList<>();
  private final Map<Integer, Long> counts = new TreeMap<>();
  private long messages;
  private long startNanos;
  private long endNanos;

  void add(McapSchema schema) {
    schemas.put(schema.id(), schema);
  }

  void add(McapChannel channel) {
    channels.put(channel.id(), channel);
    counts.putIfAbsent(channel.id(), 0L);
  }

  void add(ChunkIndex chunk) {
    chunks.add(chunk);
  }

  void add(AttachmentIndex attachment) {
    attachments.add(attachment);
  }

  void add(MetadataIndex index) {
    metadata.add(index);
  }

  void countMessage(int channel, long logNanos) {
    counts.merge(channel, 1L, Long::sum);
    startNanos = messages == 0 ? logNanos : Math.min(startNanos, logNanos);
    endNanos = messages == 0 ? logNanos : Math.max(endNanos, logNanos);
    messages++;
  }

  /** Goes on where a finished file ended. */
  void resume(McapSummary summary, McapStatistics statistics) {
    summary.schemas().forEach(this::add);
    summary.channels().forEach(this::add);
    chunks.addAll(summary.chunks());
    attachments.addAll(summary.attachments());
    metadata.addAll(summary.metadata());
    counts.putAll(statistics.channelMessages());
    messages = statistics.messages();
    startNanos = statistics.startNanos();
    endNanos = statistics.endNanos();
  }

  Map<Integer, McapSchema> schemas() {
    return schemas;
  }

  Map<Integer, McapChannel> channels() {
    return channels;
  }

  McapStatistics statistics() {
    Map<Integer, Long> used = new TreeMap<>(counts);
    used.values().removeIf(count -> count == 0);
    return new McapStatistics(
        messages,
        schemas.size(),
        channels.size(),
        attachments.size(),
        metadata.size(),
        chunks.size(),
        startNanos,
        endNanos,
        used);
  }

  McapSummary build() {
    return new McapSummary(
        List.copyOf(schemas.values()),
        List.copyOf(channels.values()),
        List.copyOf(chunks),
        List.copyOf(attachments),
        List.copyOf(metadata),
        statistics());
  }

  /**
   * Writes summary, summary offsets and footer; the checksum, its last four bytes, is left open.
   *
   * @param fileOffset the place where they will stand
   */
  void write(RecordBuffer out, long fileOffset) {
    List<Group> groups = new ArrayList<>();
    long base = fileOffset - out.size();
    add(groups, Opcode.SCHEMA, base, out, o -> schemas.values().forEach(s -> s.write(o)));
    add(groups, Opcode.CHANNEL, base, out, o -> channels.values().forEach(c -> c.write(o)));
    add(groups, Opcode.STATISTICS, base, out, o -> statistics().write(o));
    add(groups, Opcode.CHUNK_INDEX, base, out, o -> chunks.forEach(c -> c.write(o)));
    add(groups, Opcode.ATTACHMENT_INDEX, base, out, o -> attachments.forEach(a -> a.write(o)));
    add(groups, Opcode.METADATA_INDEX, base, out, o -> metadata.forEach(m -> m.write(o)));
    long offsetsStart = base + out.size();
    groups.forEach(group -> group.write(out));
    int footer = out.begin(Opcode.FOOTER);
    out.putLong(fileOffset);
    out.putLong(offsetsStart);
    out.putInt(0);
    out.end(footer);
  }

  /** Names the place of the records of one kind. */
  private record Group(int opcode, long start, long length) {
    void write(RecordBuffer out) {
      int record = out.begin(Opcode.SUMMARY_OFFSET);
      out.putByte(opcode);
      out.putLong(start);
      out.putLong(length);
      out.end(record);
    }
  }

  private static void add(
      List<Group> groups, int opcode, long base, RecordBuffer out, Consumer<RecordBuffer> write) {
    int start = out.size();
    write.accept(out);
    if (out.size() > start) {
      groups.add(new Group(opcode, base + start, out.size() - start));
    }
  }
}
