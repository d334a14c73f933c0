package dev.reverie.mcap;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * Iterates over the messages of an indexed file by log time; those of one time as they stand in the
 * file. Only chunks whose times overlap are held at once.
 */
final class TimeOrder implements Iterator<McapMessage> {
  /** The most bytes of chunks that overlap: a thousand of rosbag2's. */
  private static final long MAX_HELD_BYTES = 1L << 30;

  private final RecordScanner scanner;
  private final Catalogue catalogue;
  private final McapQuery query;
  private final Queue<ChunkIndex> later;
  private final PriorityQueue<Waiting> waiting =
      new PriorityQueue<>(
          Comparator.comparingLong((Waiting w) -> w.message.logNanos())
              .thenComparingLong(Waiting::chunk)
              .thenComparingInt(Waiting::number));
  private long heldBytes;

  /**
   * Holds a message that is read and not given yet.
   *
   * @param held whether it is the last of its chunk, which can be let go with it
   */
  private record Waiting(McapMessage message, long chunk, int number, Held held) {}

  /** Counts the messages of a chunk that are still to be given. */
  private static final class Held {
    private int messages;
    private long bytes;
  }

  /**
   * Begins with the earliest message.
   *
   * @param chunks that may hold wanted messages
   */
  TimeOrder(RecordScanner scanner, Catalogue catalogue, McapQuery query, List<ChunkIndex> chunks) {
    this.scanner = scanner;
    this.catalogue = catalogue;
    this.query = query;
    later =
        new ArrayDeque<>(
            chunks.stream()
                .sorted(
                    Comparator.comparingLong(ChunkIndex::startNanos)
                        .thenComparingLong(ChunkIndex::offset))
                .toList());
  }

  @Override
  public boolean hasNext() {
    while (!later.isEmpty()
        && (waiting.isEmpty() || later.peek().startNanos() <= waiting.peek().message.logNanos())) {
      read(later.remove());
    }
    return !waiting.isEmpty();
  }

  @Override
  public McapMessage next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the file has no more messages");
    }
    Waiting first = waiting.remove();
    if (--first.held.messages == 0) {
      heldBytes -= first.held.bytes;
    }
    return first.message;
  }

  private void read(ChunkIndex index) {
    RecordScanner.Record record = scanner.at(index.offset());
    if (record.opcode() != Opcode.CHUNK) {
      throw new McapException(
          "%s: the index names a chunk at byte %d, but there is a %s: the file is damaged and can be recovered"
              .formatted(scanner.file().path(), index.offset(), Opcode.name(record.opcode())),
          index.offset());
    }
    Chunk chunk = Chunk.read(scanner, record);
    Held held = new Held();
    RecordFields fields = chunk.fields();
    while (fields.remaining() > 0) {
      int opcode = fields.takeByte("opcode");
      RecordFields inner = fields.takeFields(opcode, fields.takeLong("length"), "record");
      McapMessage message = catalogue.take(opcode, inner);
      if (message != null && query.wants(message.channel(), message.logNanos())) {
        waiting.add(new Waiting(message, index.offset(), held.messages++, held));
      }
    }
    if (held.messages > 0) {
      held.bytes = chunk.records().length;
      heldBytes += held.bytes;
    }
    if (heldBytes > MAX_HELD_BYTES) {
      throw new McapException(
          "%s: the times of more than %d MiB of chunks overlap; read it in the order of the file"
              .formatted(scanner.file().path(), MAX_HELD_BYTES >> 20),
          index.offset());
    }
  }
}
