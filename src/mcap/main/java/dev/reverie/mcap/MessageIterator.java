package dev.reverie.mcap;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Iterates over the messages of a file in their order there. Chunks that the index shows to be
 * unwanted are not read; where there is no index, everything is.
 */
final class MessageIterator implements Iterator<McapMessage> {
  private final RecordScanner scanner;
  private final Catalogue catalogue;
  private final McapQuery query;
  private final Map<Long, ChunkIndex> indexes = new HashMap<>();
  private long offset;
  private boolean ended;
  private @Nullable RecordFields chunk;
  private @Nullable McapMessage next;
  private @Nullable McapException failure;

  /**
   * Creates an iterator, which has read nothing yet.
   *
   * @param summary null where the file has none
   */
  MessageIterator(
      RecordScanner scanner,
      Catalogue catalogue,
      McapQuery query,
      @Nullable McapSummary summary,
      long offset) {
    this.scanner = scanner;
    this.catalogue = catalogue;
    this.query = query;
    this.offset = offset;
    if (summary != null && summary.tellsChannels()) { // else each chunk may declare some
      summary.chunks().forEach(index -> indexes.put(index.offset(), index));
    }
  }

  /**
   * Looks for the next message; throws {@link McapException} when all before the damage have been
   * given.
   */
  @Override
  public boolean hasNext() {
    if (failure != null) {
      throw failure;
    }
    if (next == null && !ended) {
      try {
        next = advance();
        ended = next == null;
      } catch (McapException e) {
        failure = e;
        throw e;
      }
    }
    return next != null;
  }

  @Override
  public McapMessage next() {
    McapMessage message = hasNext() ? next : null;
    if (message == null) {
      throw new NoSuchElementException("the file has no more messages");
    }
    next = null;
    return message;
  }

  private @Nullable McapMessage advance() {
    while (true) {
      while (chunk != null && chunk.remaining() > 0) {
        int opcode = chunk.takeByte("opcode");
        McapMessage message =
            read(opcode, chunk.takeFields(opcode, chunk.takeLong("length"), "record"));
        if (message != null) {
          return message;
        }
      }
      chunk = null;
      ChunkIndex index = indexes.get(offset);
      if (index != null && !query.wants(index, catalogue)) {
        offset += index.length() + index.messageIndexLength();
        continue;
      }
      RecordScanner.Record record = scanner.at(offset);
      offset = record.end();
      switch (record.opcode()) {
        case Opcode.DATA_END, Opcode.FOOTER -> {
          return null;
        }
        case Opcode.CHUNK -> chunk = Chunk.read(scanner, record).fields();
        case Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE -> {
          McapMessage message = read(record.opcode(), scanner.fields(record));
          if (message != null) {
            return message;
          }
        }
        default -> {} // indexes, attachments, metadata and records of later versions
      }
    }
  }

  private @Nullable McapMessage read(int opcode, RecordFields fields) {
    McapMessage message = catalogue.take(opcode, fields);
    return message != null && query.wants(message.channel(), message.logNanos()) ? message : null;
  }
}
