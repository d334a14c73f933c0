package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads an MCAP file: with its index where there is one, and else from the beginning to the last
 * whole record or chunk. One thread at a time. Every kind of damage is a {@link McapException}; no
 * length in a file makes it allocate more than the file's size or the stated limit.
 */
public final class McapReader implements AutoCloseable {
  /** The most bytes of a record, or of a decompressed chunk, unless another limit is given. */
  public static final int DEFAULT_MAX_RECORD_BYTES = 256 << 20;

  private final FileBytes file;
  private final RecordScanner scanner;
  private final Catalogue catalogue = new Catalogue();
  private final Header header;
  private final @Nullable McapException headerDamage;
  private final @Nullable McapException magicDamage;
  private @Nullable McapSummary summary;
  private @Nullable McapException summaryDamage;

  /**
   * Holds the beginning of a file.
   *
   * @param knownEnd the end of the part that is known; a later version may have more in it
   * @param end the place of the first record after it
   */
  private record Header(String profile, String library, long knownEnd, long end) {}

  /**
   * Reads header and summary.
   *
   * @param patient whether a damaged header is passed over
   */
  private McapReader(FileBytes file, int maxRecordBytes, boolean patient) {
    this.file = file;
    scanner = new RecordScanner(file, maxRecordBytes);
    McapException before = null;
    try {
      scanner.first();
    } catch (McapException e) {
      if (!patient || file.size() <= Opcode.magic().length) {
        throw e;
      }
      before = e;
    }
    magicDamage = before;
    long first = Opcode.magic().length;
    Header read;
    McapException damage = null;
    try {
      read = header(first);
    } catch (McapException e) {
      if (!patient) {
        throw e;
      }
      damage = e;
      read = new Header("", "", first, afterDamagedHeader(first));
      if (magicDamage != null && read.end == file.size()) {
        throw magicDamage; // nothing says that this is an MCAP file
      }
    }
    header = read;
    headerDamage = damage;
    try {
      summary = SummaryReader.read(file, scanner).map(SummaryReader.Found::summary).orElse(null);
      if (summary != null) {
        RecordFields end =
            new RecordFields(file.path(), new byte[0], 0, 0, Opcode.FOOTER, file.size());
        for (McapSchema schema : summary.schemas()) {
          catalogue.add(schema, end);
        }
        for (McapChannel channel : summary.channels()) {
          if (channel.schemaId() == 0 || catalogue.schema(channel.schemaId()) != null) {
            catalogue.add(channel, end); // else its schema stands in the data alone
          }
        }
      }
    } catch (McapException e) {
      summary = null;
      summaryDamage = e;
      catalogue.clear();
    }
  }

  private Header header(long offset) {
    RecordScanner.Record record = scanner.at(offset);
    if (record.opcode() != Opcode.HEADER) {
      throw new McapException(
          "%s begins with a %s instead of a Header: it is damaged, and what is whole in it can be recovered"
              .formatted(file.path(), Opcode.name(record.opcode())),
          offset);
    }
    RecordFields fields = scanner.fields(record);
    String profile = fields.takeString("profile");
    String library = fields.takeString("library");
    return new Header(profile, library, record.end() - fields.remaining(), record.end());
  }

  private long afterDamagedHeader(long first) {
    try {
      RecordScanner.Record record = scanner.at(first);
      if (record.opcode() == Opcode.HEADER) {
        return record.end();
      }
    } catch (McapException e) {
      // Its length is damaged.
    }
    return new ChunkSearch(scanner).next(first);
  }

  /** Opens a file with the usual limit. */
  public static McapReader open(Path path) {
    return open(path, DEFAULT_MAX_RECORD_BYTES);
  }

  /**
   * Opens a file.
   *
   * @param maxRecordBytes the most bytes of one record, or of one decompressed chunk
   */
  public static McapReader open(Path path, int maxRecordBytes) {
    return open(path, maxRecordBytes, false);
  }

  /** Opens a file for recovery: a damaged header is passed over. */
  static McapReader openPatiently(Path path) {
    return open(path, DEFAULT_MAX_RECORD_BYTES, true);
  }

  private static McapReader open(Path path, int maxRecordBytes, boolean patient) {
    FileBytes file = new FileBytes(path);
    try {
      return new McapReader(file, maxRecordBytes, patient);
    } catch (McapException e) {
      file.close();
      throw e;
    }
  }

  /** Returns the profile: "ros2" for bags of ROS 2. */
  public String profile() {
    return header.profile;
  }

  /** Returns the name of the library that wrote the file. */
  public String library() {
    return header.library;
  }

  /** Returns what the finished file says it holds; empty where it was not finished. */
  public Optional<McapStatistics> statistics() {
    return Optional.ofNullable(summary).flatMap(McapSummary::statistics);
  }

  /**
   * Returns what the file holds: what it says itself, where it tells all its channels too, and else
   * what is found by reading every message, after which {@link #channels} are all of them.
   *
   * @throws McapException where it says nothing and cannot be read to its end
   */
  public McapStatistics count() {
    Optional<McapStatistics> told = statistics();
    if (told.isPresent() && Objects.requireNonNull(summary).tellsChannels()) {
      return told.get();
    }
    Map<Integer, Long> counts = new TreeMap<>();
    long start = Long.MAX_VALUE;
    long end = 0;
    for (McapMessage message : messages()) {
      counts.merge(message.channel().id(), 1L, Long::sum);
      start = Math.min(start, message.logNanos());
      end = Math.max(end, message.logNanos());
    }
    long messages = counts.values().stream().mapToLong(n -> n).sum();
    return new McapStatistics(
        messages,
        catalogue.schemas().size(),
        catalogue.channels().size(),
        told.map(McapStatistics::attachments).orElse(0),
        told.map(McapStatistics::metadata).orElse(0),
        told.map(McapStatistics::chunks).orElse(0),
        messages == 0 ? 0 : start,
        end,
        counts);
  }

  /**
   * Returns the reason why the file's index cannot be used; empty where it can, or the writer made
   * none.
   */
  public Optional<McapException> summaryDamage() {
    return Optional.ofNullable(summaryDamage);
  }

  /**
   * Returns the channels by id: all of them where the file has an index, otherwise those of the
   * messages read so far.
   */
  public Map<Integer, McapChannel> channels() {
    return Map.copyOf(catalogue.channels());
  }

  /** Returns the schema of a channel; empty where it has none. */
  public Optional<McapSchema> schema(McapChannel channel) {
    return Optional.ofNullable(catalogue.schema(channel.schemaId()));
  }

  /** Iterates over every message, in the order of the file. */
  public Iterable<McapMessage> messages() {
    return messages(McapQuery.ALL);
  }

  /**
   * Iterates over the messages asked for, in the order of the file. In a damaged file the iterator
   * first gives everything before the damage and then throws {@link McapException}.
   */
  public Iterable<McapMessage> messages(McapQuery query) {
    return () -> new MessageIterator(scanner, catalogue, query, summary, header.end);
  }

  /**
   * Iterates over the messages asked for by log time; those of one time in the order of the file.
   * Of a file with a few overlapping chunks, as recorders write them, only these are held at once.
   *
   * @throws McapException where the file has no index that names every chunk and channel
   */
  public Iterable<McapMessage> messagesByTime(McapQuery query) {
    McapSummary known = summary;
    if (known == null || !known.tellsChannels() || !tellsEveryMessage(known)) {
      throw new McapException(
          file.path() + " has no complete index to read it by time; recovery writes one", 0);
    }
    List<ChunkIndex> wanted =
        known.chunks().stream().filter(chunk -> query.wants(chunk, catalogue)).toList();
    return () -> new TimeOrder(scanner, catalogue, query, wanted);
  }

  /** Returns whether each message stands in a chunk that the index names. */
  private boolean tellsEveryMessage(McapSummary known) {
    Map<Long, ChunkIndex> chunks = new HashMap<>();
    known.chunks().forEach(chunk -> chunks.put(chunk.offset(), chunk));
    for (long offset = header.end; ; ) {
      ChunkIndex chunk = chunks.get(offset);
      if (chunk != null) {
        offset += chunk.length() + chunk.messageIndexLength();
        continue;
      }
      RecordScanner.Record record = scanner.at(offset);
      switch (record.opcode()) {
        case Opcode.DATA_END, Opcode.FOOTER -> {
          return true;
        }
        case Opcode.MESSAGE, Opcode.CHUNK -> {
          return false;
        }
        default -> offset = record.end();
      }
    }
  }

  /** Iterates over the attachments in the order of the file; each is read when it is asked for. */
  public Iterable<McapAttachment> attachments() {
    List<RecordScanner.Record> records = records(Opcode.ATTACHMENT);
    return () -> records.stream().map(record -> McapAttachment.read(scanner, record)).iterator();
  }

  /** Returns the metadata records in the order of the file. */
  public List<McapMetadata> metadata() {
    List<McapMetadata> metadata = new ArrayList<>();
    for (RecordScanner.Record record : records(Opcode.METADATA)) {
      metadata.add(McapMetadata.read(scanner.fields(record)));
    }
    return metadata;
  }

  RecordScanner scanner() {
    return scanner;
  }

  Catalogue catalogue() {
    return catalogue;
  }

  /** Returns the place of the first record after the header. */
  long dataStart() {
    return header.end;
  }

  /**
   * Returns what is wrong with the first bytes, which was passed over; empty where they are whole.
   */
  Optional<McapException> magicDamage() {
    return Optional.ofNullable(magicDamage);
  }

  /** Returns the damage of the header that was passed over; empty where it is whole. */
  Optional<McapException> headerDamage() {
    return Optional.ofNullable(headerDamage);
  }

  /**
   * Returns the end of the part of the header that is known: where its length is wrong, chunks may
   * follow.
   */
  long headerKnownEnd() {
    return header.knownEnd;
  }

  Optional<McapSummary> summary() {
    return Optional.ofNullable(summary);
  }

  /**
   * Returns the records outside of chunks, found by the index or, without one, by looking at each.
   */
  private List<RecordScanner.Record> records(int opcode) {
    List<RecordScanner.Record> records = new ArrayList<>();
    if (summary != null && summary.statistics().isPresent()) {
      if (opcode == Opcode.ATTACHMENT
          && summary.statistics().get().attachments() == summary.attachments().size()) {
        summary.attachments().forEach(index -> records.add(indexed(opcode, index.offset())));
        return records;
      }
      if (opcode == Opcode.METADATA
          && summary.statistics().get().metadata() == summary.metadata().size()) {
        summary.metadata().forEach(index -> records.add(indexed(opcode, index.offset())));
        return records;
      }
    }
    RecordScanner.Record record = scanner.at(header.end);
    while (record.opcode() != Opcode.DATA_END && record.opcode() != Opcode.FOOTER) {
      if (record.opcode() == opcode) {
        records.add(record);
      }
      record = scanner.at(record.end());
    }
    return records;
  }

  private RecordScanner.Record indexed(int opcode, long offset) {
    RecordScanner.Record record = scanner.at(offset);
    if (record.opcode() != opcode) {
      throw new McapException(
          "%s: the index names a %s at byte %d, but there is a %s: the file is damaged and can be recovered"
              .formatted(file.path(), Opcode.name(opcode), offset, Opcode.name(record.opcode())),
          offset);
    }
    return record;
  }

  @Override
  public void close() {
    file.close();
  }
}
