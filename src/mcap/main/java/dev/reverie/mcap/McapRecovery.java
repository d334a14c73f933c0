package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What could be saved of a damaged file.
 *
 * @param damages what could not, in the order of the file; empty for a whole file
 */
public record McapRecovery(long messages, List<McapException> damages) {
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
    private final Map<Integer, Integer> channels = new HashMap<>();
    private final List<McapException> damages = new ArrayList<>();
    private long messages;

    Copy(McapReader reader, McapWriter writer) {
      this.reader = reader;
      this.writer = writer;
      this.scanner = reader.scanner();
    }

    McapRecovery run() {
      long offset = reader.dataStart();
      while (true) {
        RecordScanner.Record record;
        try {
          record = scanner.at(offset);
        } catch (McapException e) {
          damages.add(e);
          break;
        }
        if (record.opcode() == Opcode.DATA_END || record.opcode() == Opcode.FOOTER) {
          reader.summaryDamage().ifPresent(damages::add);
          break;
        }
        copy(record);
        offset = record.end();
      }
      return new McapRecovery(messages, damages);
    }

    /** What cannot be read is noted; what cannot be written ends the recovery. */
    private void copy(RecordScanner.Record record) {
      switch (record.opcode()) {
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
        default -> {}
      }
    }

    private void copy(int opcode, RecordFields fields) {
      switch (opcode) {
        case Opcode.SCHEMA -> reader.catalogue().add(McapSchema.read(fields), fields);
        case Opcode.CHANNEL -> {
          McapChannel channel = McapChannel.read(fields);
          reader.catalogue().add(channel, fields);
          channelOf(channel);
        }
        case Opcode.MESSAGE -> {
          McapMessage message = reader.catalogue().message(fields);
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
        default -> {}
      }
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

    private void noting(Runnable step) {
      try {
        step.run();
      } catch (McapException e) {
        if (writer.hasFailed()) {
          throw e;
        }
        damages.add(e);
      }
    }
  }
}
