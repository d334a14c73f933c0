package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Tells what could be saved of a damaged file.
 *
 * @param damages the first places that could not be read, in the order of the file; empty for a
 *     whole file
 * @param moreDamages the number of places beyond these
 * @param fallen number of messages whose log time is before that of the message before them
 */
public record McapRecovery(
    long messages, List<McapException> damages, long moreDamages, long fallen) {
  private static final int MAX_DAMAGES = 100;

  /** Copies the damages. */
  public McapRecovery {
    damages = List.copyOf(damages);
  }

  /**
   * Writes everything that is readable in the file into a new one, with index and checksums. What
   * ends before its first record is whole, as its writer was stopped in that moment, gives an empty
   * one.
   *
   * @param target must not exist yet
   * @throws McapException where the source is no MCAP file, or the target cannot be written
   */
  public static McapRecovery recover(Path source, Path target, McapOptions options) {
    try (FileBytes file = new FileBytes(source)) {
      RecordScanner scanner = new RecordScanner(file, McapReader.DEFAULT_MAX_RECORD_BYTES);
      if (scanner.endsBeforeFirstRecord() && new ChunkSearch(scanner).next(0) == file.size()) {
        McapWriter.create(target, options).close();
        return new McapRecovery(0, List.of(file.unfinished()), 0, 0);
      }
    }
    try (McapReader reader = McapReader.openPatiently(source)) {
      McapOptions kept =
          new McapOptions(
              reader.headerDamage().isPresent() ? options.profile() : reader.profile(),
              options.compression(),
              options.chunkBytes(),
              options.forceInterval());
      try (McapWriter writer = McapWriter.create(target, kept)) {
        return copy(reader, writer);
      }
    }
  }

  /**
   * Writes the messages of a whole file into a new one by log time; those of one time stay as they
   * are.
   *
   * @param target must not exist yet
   * @throws McapException where the times of too many chunks overlap, or the target cannot be
   *     written
   */
  public static void sort(Path source, Path target, McapOptions options) {
    try (McapReader reader = McapReader.open(source);
        McapWriter writer =
            McapWriter.create(
                target,
                new McapOptions(
                    reader.profile(),
                    options.compression(),
                    options.chunkBytes(),
                    options.forceInterval()))) {
      Copy copy = new Copy(reader, writer);
      reader.channels().values().forEach(copy::channelOf);
      reader.messagesByTime(McapQuery.ALL).forEach(copy::write);
      reader.attachments().forEach(writer::attach);
      reader.metadata().forEach(writer::addMetadata);
    }
  }

  static McapRecovery copy(McapReader reader, McapWriter writer) {
    return new Copy(reader, writer).run();
  }

  private static final class Copy {
    private final RecordScanner scanner;
    private final McapReader reader;
    private final McapWriter writer;
    private final ChunkSearch search;
    private final Map<Integer, Written> channels = new HashMap<>();
    private final List<McapException> damages = new ArrayList<>();
    private long moreDamages;
    private long messages;
    private long fallen;
    private long newestNanos = Long.MIN_VALUE;

    /** A channel of the source, and its id in the target. */
    private record Written(McapChannel channel, Optional<McapSchema> schema, int id) {}

    Copy(McapReader reader, McapWriter writer) {
      this.reader = reader;
      this.writer = writer;
      this.scanner = reader.scanner();
      this.search = new ChunkSearch(scanner);
      reader.catalogue().redefine(); // what follows belongs to the newest of one id
    }

    McapRecovery run() {
      reader.headerDamage().ifPresent(this::note);
      long end = scanner.file().size();
      for (long offset = start(); ; ) {
        RecordScanner.Record record;
        try {
          record = scanner.at(offset);
        } catch (McapException e) {
          note(e);
          offset = search.next(offset + 1);
          if (offset >= end) {
            break;
          }
          continue;
        }
        if (record.opcode() == Opcode.DATA_END || record.opcode() == Opcode.FOOTER) {
          reader.summaryDamage().ifPresent(this::note);
          break;
        }
        long believed = copy(record);
        offset =
            believed == record.end()
                ? believed
                : Math.min(record.end(), search.next(Math.max(believed, record.offset() + 1)));
      }
      List.copyOf(reader.catalogue().channels().values()).forEach(this::channelOf);
      return new McapRecovery(messages, damages, moreDamages, fallen);
    }

    /**
     * Returns the beginning of the data: a header that says it is longer than it is may hide a
     * chunk.
     */
    private long start() {
      long start = reader.dataStart();
      long known = reader.headerKnownEnd();
      long chunk = known < start ? search.next(known) : start;
      if (chunk < start && reader.headerDamage().isEmpty()) {
        note(
            new McapException(
                "%s: the header says it ends at byte %d, and a chunk stands within it at byte %d"
                    .formatted(scanner.file().path(), start, chunk),
                known));
      }
      return Math.min(start, chunk);
    }

    private void note(McapException damage) {
      if (damages.size() < MAX_DAMAGES) {
        damages.add(damage);
      } else {
        moreDamages++;
      }
    }

    /**
     * Copies a record. What cannot be read is noted; what cannot be written ends the recovery.
     *
     * @return the end of the part that is sound: where that is less than the length, the length may
     *     be wrong too, and a whole chunk within it is believed more
     */
    private long copy(RecordScanner.Record record) {
      return switch (record.opcode()) {
        case Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE ->
            noting(record, () -> copy(record.opcode(), scanner.fields(record)));
        case Opcode.CHUNK -> copyChunk(record);
        case Opcode.ATTACHMENT ->
            noting(record, () -> writer.attach(McapAttachment.read(scanner, record)));
        case Opcode.METADATA ->
            noting(record, () -> writer.addMetadata(McapMetadata.read(scanner.fields(record))));
        case Opcode.MESSAGE_INDEX -> record.end(); // made anew
        default -> record.offset(); // of a later version, or damaged
      };
    }

    private long copyChunk(RecordScanner.Record record) {
      long[] contentEnd = {record.offset()};
      long believed =
          noting(
              record,
              () -> {
                Chunk chunk = Chunk.read(scanner, record);
                contentEnd[0] = chunk.contentEnd();
                RecordFields fields = chunk.fields();
                while (fields.remaining() > 0) {
                  int opcode = fields.takeByte("opcode");
                  copy(opcode, fields.takeFields(opcode, fields.takeLong("length"), "record"));
                }
              });
      return Math.min(believed, contentEnd[0]);
    }

    private void copy(int opcode, RecordFields fields) {
      McapMessage message = reader.catalogue().take(opcode, fields);
      if (message == null) {
        return;
      }
      if (message.logNanos() < 0 || message.publishNanos() < 0) {
        throw fields.damaged("a message's time is beyond the year 2262");
      }
      write(message);
    }

    void write(McapMessage message) {
      writer.write(
          channelOf(message.channel()),
          message.sequence(),
          message.logNanos(),
          message.publishNanos(),
          message.data());
      messages++;
      fallen += message.logNanos() < newestNanos ? 1 : 0;
      newestNanos = message.logNanos();
    }

    int channelOf(McapChannel channel) {
      Written known = channels.get(channel.id());
      Optional<McapSchema> schema = reader.schema(channel);
      if (known != null
          && Objects.equals(known.channel, channel) // mostly the very same
          && known.schema.equals(schema)) {
        return known.id;
      }
      int schemaId = schema.map(s -> writer.addSchema(s.name(), s.encoding(), s.data())).orElse(0);
      int id =
          writer.addChannel(
              schemaId, channel.topic(), channel.messageEncoding(), channel.metadata());
      channels.put(channel.id(), new Written(channel, schema, id));
      return id;
    }

    private long noting(RecordScanner.Record record, Runnable step) {
      try {
        step.run();
        return record.end();
      } catch (McapException e) {
        if (writer.hasFailed()) {
          throw e;
        }
        note(e);
        return record.offset();
      }
    }
  }
}
