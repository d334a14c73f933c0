package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What could be saved of a damaged file.
 *
 * @param damages what could not, in the order of the file, the first ones; empty for a whole file
 * @param moreDamages how many there are beyond these
 */
public record McapRecovery(long messages, List<McapException> damages, long moreDamages) {
  private static final int MAX_DAMAGES = 100;

  public McapRecovery {
    damages = List.copyOf(damages);
  }

  /**
   * Writes everything that is readable in the file into a new one, with index and checksums.
   *
   * @param target must not exist yet
   * @throws McapException where the source is no MCAP file, or the target cannot be written
   */
  public static McapRecovery recover(Path source, Path target, McapOptions options) {
    try (McapReader reader = McapReader.open(source)) {
      McapOptions kept =
          new McapOptions(
              reader.profile(),
              options.compression(),
              options.chunkBytes(),
              options.forceInterval());
      try (McapWriter writer = McapWriter.create(target, kept)) {
        return new Copy(reader, writer).run();
      }
    }
  }

  private static final class Copy {
    private final RecordScanner scanner;
    private final McapReader reader;
    private final McapWriter writer;
    private final ChunkSearch search;
    private final Map<Integer, Integer> channels = new HashMap<>();
    private final List<McapException> damages = new ArrayList<>();
    private long moreDamages;
    private long messages;

    Copy(McapReader reader, McapWriter writer) {
      this.reader = reader;
      this.writer = writer;
      this.scanner = reader.scanner();
      this.search = new ChunkSearch(scanner);
    }

    McapRecovery run() {
      long end = scanner.file().size();
      for (long offset = reader.dataStart(); ; ) {
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
        offset = copy(record) ? record.end() : after(record);
      }
      List.copyOf(reader.catalogue().channels().values()).forEach(this::channelOf);
      return new McapRecovery(messages, damages, moreDamages);
    }

    /**
     * Where reading goes on after what could not be read: its length may be wrong too, and a whole
     * chunk within it is believed more.
     */
    private long after(RecordScanner.Record record) {
      return Math.min(record.end(), search.next(record.offset() + 1));
    }

    private void note(McapException damage) {
      if (damages.size() < MAX_DAMAGES) {
        damages.add(damage);
      } else {
        moreDamages++;
      }
    }

    /** What cannot be read is noted; what cannot be written ends the recovery. */
    private boolean copy(RecordScanner.Record record) {
      return switch (record.opcode()) {
        case Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE ->
            noting(() -> copy(record.opcode(), scanner.fields(record)));
        case Opcode.CHUNK ->
            noting(
                () -> {
                  RecordFields fields = Chunk.read(scanner, record).fields();
                  while (fields.remaining() > 0) {
                    int opcode = fields.takeByte("opcode");
                    copy(opcode, fields.takeFields(opcode, fields.takeLong("length"), "record"));
                  }
                });
        case Opcode.ATTACHMENT -> noting(() -> writer.attach(McapAttachment.read(scanner, record)));
        case Opcode.METADATA ->
            noting(() -> writer.addMetadata(McapMetadata.read(scanner.fields(record))));
        case Opcode.MESSAGE_INDEX -> true; // made anew
        default -> false; // of a later version, or damaged
      };
    }

    private void copy(int opcode, RecordFields fields) {
      McapMessage message = reader.catalogue().take(opcode, fields);
      if (message == null) {
        return;
      }
      if (message.logNanos() < 0 || message.publishNanos() < 0) {
        throw fields.damaged("a message's time is beyond the year 2262");
      }
      writer.write(
          channelOf(message.channel()),
          message.sequence(),
          message.logNanos(),
          message.publishNanos(),
          message.data());
      messages++;
    }

    private int channelOf(McapChannel channel) {
      return channels.computeIfAbsent(
          channel.id(),
          id -> {
            int schema =
                reader
                    .schema(channel)
                    .map(known -> writer.addSchema(known.name(), known.encoding(), known.data()))
                    .orElse(0);
            return writer.addChannel(
                schema, channel.topic(), channel.messageEncoding(), channel.metadata());
          });
    }

    private boolean noting(Runnable step) {
      try {
        step.run();
        return true;
      } catch (McapException e) {
        if (writer.hasFailed()) {
          throw e;
        }
        note(e);
        return false;
      }
    }
  }
}
