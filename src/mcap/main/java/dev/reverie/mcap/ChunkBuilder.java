package dev.reverie.mcap;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.TreeMap;

/** Builds a chunk, and notes the place of each of its messages. */
final class ChunkBuilder {
  private final RecordBuffer records;

  /** The log time and offset of each message of a channel, in turn. */
  private final Map<Integer, LongList> entries = new TreeMap<>();

  private long messages;
  private long startNanos;
  private long endNanos;

  /**
   * Creates a builder with an empty chunk.
   *
   * @param arena whose end is the builder's
   */
  ChunkBuilder(Arena arena) {
    records = new RecordBuffer(arena, 64 << 10);
  }

  RecordBuffer records() {
    return records;
  }

  boolean isEmpty() {
    return records.size() == 0;
  }

  int size() {
    return records.size();
  }

  long messages() {
    return messages;
  }

  long startNanos() {
    return startNanos;
  }

  long endNanos() {
    return endNanos;
  }

  void add(int channel, int sequence, long logNanos, long publishNanos, MemorySegment data) {
    int offset = records.size();
    try {
      int record = records.begin(Opcode.MESSAGE);
      records.putShort(channel);
      records.putInt(sequence);
      records.putLong(logNanos);
      records.putLong(publishNanos);
      records.putBytes(data);
      records.end(record);
    } catch (RuntimeException e) { // the data is gone: its arena is closed
      records.truncate(offset);
      throw e;
    }
    LongList list = entries.computeIfAbsent(channel, id -> new LongList());
    list.add(logNanos);
    list.add(offset);
    startNanos = messages == 0 ? logNanos : Math.min(startNanos, logNanos);
    endNanos = messages == 0 ? logNanos : Math.max(endNanos, logNanos);
    messages++;
  }

  /** Adds a message index for each channel, and returns the place of each in the file. */
  Map<Integer, Long> writeIndexes(RecordBuffer out, long fileOffset) {
    Map<Integer, Long> offsets = new TreeMap<>();
    entries.forEach(
        (channel, list) -> {
          if (list.size() == 0) {
            return;
          }
          offsets.put(channel, fileOffset + out.size());
          int record = out.begin(Opcode.MESSAGE_INDEX);
          out.putShort(channel);
          out.putInt(list.size() * 8);
          for (int i = 0; i < list.size(); i++) {
            out.putLong(list.get(i));
          }
          out.end(record);
        });
    return offsets;
  }

  void clear() {
    records.clear();
    entries.values().forEach(LongList::clear);
    messages = 0;
    startNanos = 0;
    endNanos = 0;
  }
}
