package dev.reverie.mcap;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Copies what is readable of a file into a new one, and notes what is not. */
final class RecoveryCopy {
  private static final int MAX_DAMAGES = 100;

  /**
   * Distance from the message before within which a message is looked for where no end says the
   * times.
   */
  private static final long NEAR_NANOS = 3_600_000_000_000L;

  private final RecordScanner scanner;
  private final McapReader reader;
  private final McapWriter writer;
  private final McapRecovery.Check check;
  private final ChunkSearch search;
  private final MessageSearch loose;
  private final Map<Integer, Written> channels = new HashMap<>();
  private final List<McapException> damages = new ArrayList<>();
  private long moreDamages;
  private long messages;
  private long fallen;
  private long retimed;
  private long doubtful;
  private long newestNanos = Long.MIN_VALUE;
  private boolean outside; // of chunks, messages stand

  /** A channel of the source, and its id in the target. */
  private record Written(McapChannel channel, Optional<McapSchema> schema, int id) {}

  RecoveryCopy(McapReader reader, McapWriter writer, McapRecovery.Check check) {
    this.reader = reader;
    this.writer = writer;
    this.check = check;
    this.scanner = reader.scanner();
    this.search = new ChunkSearch(scanner);
    FileBytes file = scanner.file();
    this.loose =
        new MessageSearch(
            file, (at, target, length) -> file.read(at, target, 0, length), file.size());
    reader.catalogue().redefine(); // what follows belongs to the newest of one id
  }

  McapRecovery run() {
    reader.magicDamage().ifPresent(this::note);
    reader.headerDamage().ifPresent(this::note);
    long end = scanner.file().size();
    for (long offset = start(); ; ) {
      RecordScanner.Record record;
      try {
        record = scanner.at(offset);
      } catch (McapException e) {
        Optional<RecordScanner.Record> chunk = search.withoutLength(offset);
        if (chunk.isPresent()) {
          offset = copyWhole(chunk.get());
          continue;
        }
        note(e);
        offset = next(offset + 1);
        if (offset >= end) {
          break;
        }
        continue;
      }
      if (record.opcode() == Opcode.DATA_END || record.opcode() == Opcode.FOOTER) {
        reader.summaryDamage().ifPresent(this::note);
        checkData(record);
        break;
      }
      long believed = copy(record);
      offset =
          believed >= record.end()
              ? believed
              : Math.min(record.end(), next(Math.max(believed, record.offset() + 1)));
    }
    List.copyOf(reader.catalogue().channels().values()).forEach(this::channelOf);
    reader.statistics().map(McapStatistics::messages).ifPresent(this::compare);
    if (doubtful > 0) {
      writer.addMetadata(
          new McapMetadata(
              McapRecovery.DOUBT, Map.of(McapRecovery.DOUBTFUL, Long.toString(doubtful))));
    }
    return new McapRecovery(messages, damages, moreDamages, fallen, retimed, doubtful);
  }

  /** Returns the place of the next chunk or, where messages stand outside of chunks, message. */
  private long next(long offset) {
    long chunk = search.next(offset);
    return outside ? nextMessage(offset, chunk) : chunk;
  }

  private long nextMessage(long offset, long end) {
    Optional<McapStatistics> told = reader.statistics();
    long from = told.map(McapStatistics::startNanos).orElse(newestNanos - NEAR_NANOS);
    long until = told.map(McapStatistics::endNanos).orElse(newestNanos + NEAR_NANOS);
    return loose.next(offset, end, Math.max(0, from), until);
  }

  private McapException wrongLength(RecordScanner.Record chunk) {
    return new McapException(
        "the length of the Chunk at byte %d of %s; its content and checksum are right, and it was taken whole"
            .formatted(chunk.offset(), scanner.file().path()),
        chunk.offset());
  }

  /** Notes that there are fewer messages than the end of the file says. */
  private void compare(long said) {
    if (messages < said) {
      note(
          new McapException(
              "%d of the %d messages that the end of %s tells of"
                  .formatted(said - messages, said, scanner.file().path()),
              scanner.file().size()));
    }
  }

  /** Notes a wrong checksum of all data that no other damage explains. */
  private void checkData(RecordScanner.Record record) {
    if (record.opcode() != Opcode.DATA_END || !damages.isEmpty()) {
      return;
    }
    int crc = scanner.fields(record).takeInt("data_section_crc");
    if (crc != 0 && crc != scanner.file().checksum(0, record.offset())) {
      note(
          new McapException(
              "the trust in what stands outside of the chunks of %s: the checksum of the data section is wrong, and nothing else tells where"
                  .formatted(scanner.file().path()),
              record.offset()));
    }
  }

  /**
   * Returns the beginning of the data: a header that says it is longer than it is may hide a chunk.
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
      case Opcode.SCHEMA, Opcode.CHANNEL ->
          noting(record, () -> copy(record.opcode(), scanner.fields(record)));
      case Opcode.MESSAGE -> copyMessage(record);
      case Opcode.CHUNK -> copyChunk(record);
      case Opcode.ATTACHMENT ->
          noting(record, () -> writer.attach(McapAttachment.read(scanner, record)));
      case Opcode.METADATA ->
          noting(record, () -> writer.addMetadata(McapMetadata.read(scanner.fields(record))));
      case Opcode.MESSAGE_INDEX -> record.end(); // made anew
      default -> record.offset(); // of a later version, or damaged
    };
  }

  /** Copies a message outside of chunks, unless its length takes others with it. */
  private long copyMessage(RecordScanner.Record record) {
    outside = true;
    if (!isFollowed(record)) {
      long inside = nextMessage(record.offset() + 1, record.end());
      if (inside < record.end()) {
        note(
            new McapException(
                "the message at byte %d of %s: its length is wrong"
                    .formatted(record.offset(), scanner.file().path()),
                record.offset()));
        return record.offset();
      }
    }
    return noting(record, () -> copy(record.opcode(), scanner.fields(record)));
  }

  /** Returns whether the file ends or a record begins behind this one, as far as its head tells. */
  private boolean isFollowed(RecordScanner.Record record) {
    if (record.end() == scanner.file().size()) {
      return true;
    }
    try {
      RecordScanner.Record next = scanner.at(record.end());
      return switch (next.opcode()) {
        case Opcode.MESSAGE -> loose.isMessage(next.offset(), 0, Long.MAX_VALUE);
        case Opcode.DATA_END -> next.length() == 4;
        case Opcode.SCHEMA, Opcode.CHANNEL, Opcode.CHUNK, Opcode.ATTACHMENT, Opcode.METADATA ->
            next.length() >= 2 * 4; // the lengths of two texts at least
        default -> false;
      };
    } catch (McapException e) {
      return false;
    }
  }

  private long copyChunk(RecordScanner.Record record) {
    Chunk chunk;
    try {
      chunk = Chunk.read(scanner, record);
    } catch (McapException e) {
      return salvage(record, e);
    }
    long believed =
        noting(
            record,
            () -> {
              RecordFields fields = chunk.fields();
              while (fields.remaining() > 0) {
                int opcode = fields.takeByte("opcode");
                copy(opcode, fields.takeFields(opcode, fields.takeLong("length"), "record"));
              }
            });
    return Math.min(believed, chunk.contentEnd());
  }

  /** Copies a chunk whose record has a wrong length, and returns its end. */
  private long copyWhole(RecordScanner.Record chunk) {
    note(wrongLength(chunk));
    copyChunk(chunk);
    return chunk.end();
  }

  /** Takes what can be out of a chunk that cannot be read as a whole. */
  private long salvage(RecordScanner.Record record, McapException damage) {
    Optional<RecordScanner.Record> whole = search.withoutLength(record.offset());
    if (whole.isPresent()) {
      return copyWhole(whole.get());
    }
    long end = Math.min(record.end(), search.next(record.offset() + 1));
    long before = doubtful;
    DamagedChunk.read(scanner, record, end).stream()
        .flatMap(chunk -> chunk.pieces().stream())
        .forEach(this::salvage);
    long taken = doubtful - before;
    String said = String.valueOf(damage.getMessage()).replaceFirst("; [^;]*$", "");
    note(
        new McapException(
            "%s; %d messages were taken out of it, any of which may be altered, and %s are lost"
                .formatted(said, taken, lost(record, taken)),
            damage.offset(),
            damage));
    return record.offset();
  }

  private void salvage(DamagedChunk.Piece piece) {
    Catalogue catalogue = reader.catalogue();
    try {
      switch (piece.opcode()) {
        case Opcode.SCHEMA -> {
          McapSchema schema = McapSchema.read(piece.fields());
          if (catalogue.schema(schema.id()) == null) { // else the sound one holds
            catalogue.add(schema, piece.fields());
          }
        }
        case Opcode.CHANNEL -> {
          McapChannel channel = McapChannel.read(piece.fields());
          if (catalogue.channel(channel.id()) == null) {
            catalogue.add(channel, piece.fields());
          }
        }
        default -> {
          McapMessage message = catalogue.take(piece.opcode(), piece.fields());
          if (message != null && isSound(message)) {
            write(message);
            doubtful++;
          }
        }
      }
    } catch (McapException e) {
      if (writer.hasFailed()) {
        throw e;
      }
    }
  }

  private boolean isSound(McapMessage message) {
    String type = reader.schema(message.channel()).map(McapSchema::name).orElse("");
    return check.isSound(type, message);
  }

  /** Returns how many more messages the indexes behind a chunk name, in words. */
  private String lost(RecordScanner.Record chunk, long taken) {
    long indexed = 0;
    try {
      RecordScanner.Record index = scanner.at(chunk.end());
      for (; index.opcode() == Opcode.MESSAGE_INDEX; index = scanner.at(index.end())) {
        RecordFields fields = scanner.fields(index);
        fields.takeShort("channel_id");
        indexed += Integer.toUnsignedLong(fields.takeInt("records")) / 16;
      }
    } catch (McapException e) {
      // The end of what is known.
    }
    return indexed < taken || indexed == 0 ? "others perhaps" : Long.toString(indexed - taken);
  }

  private void copy(int opcode, RecordFields fields) {
    McapMessage message = reader.catalogue().take(opcode, fields);
    if (message == null) {
      return;
    }
    write(message.hasTime() ? message : retimed(message));
  }

  /** The message with times in place of those that no clock has. */
  private McapMessage retimed(McapMessage message) {
    long other = message.logNanos() < 0 ? message.publishNanos() : message.logNanos();
    long time = other < 0 ? Math.max(0, newestNanos) : other;
    retimed++;
    return new McapMessage(message.channel(), message.sequence(), time, time, message.data());
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
        writer.addChannel(schemaId, channel.topic(), channel.messageEncoding(), channel.metadata());
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
