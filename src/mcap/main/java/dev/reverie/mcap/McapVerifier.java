package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads every byte of a file and compares what it holds with what it says it holds. */
public final class McapVerifier {
  private final McapReader reader;
  private final RecordScanner scanner;
  private static final int MAX_PROBLEMS = 100;

  private final List<String> problems = new ArrayList<>();
  private final List<ChunkIndex> chunks = new ArrayList<>();
  private final List<Long> attachments = new ArrayList<>();
  private final List<Long> metadata = new ArrayList<>();
  private final Map<Integer, Long> counts = new TreeMap<>();
  private long startNanos = Long.MAX_VALUE;
  private long endNanos = Long.MIN_VALUE;
  private long newestNanos = Long.MIN_VALUE; // of the message before

  private final List<String> notes = new ArrayList<>();
  private long outside;
  private long fallen;
  private long untimed;
  private boolean chunksIndexed = true;
  private boolean damaged; // a chunk of which not all could be read

  /**
   * Findings about a file.
   *
   * @param problems what is wrong with it, in clear words
   * @param notes what some readers cannot do with it as it is, and recovery makes good
   */
  public record Report(List<String> problems, List<String> notes) {
    /** Copies the lists. */
    public Report {
      problems = List.copyOf(problems);
      notes = List.copyOf(notes);
    }
  }

  private McapVerifier(McapReader reader) {
    this.reader = reader;
    this.scanner = reader.scanner();
  }

  /** Tells what is wrong with the file, in clear words; empty where all is well. */
  public static List<String> problems(Path path) {
    return check(path).problems();
  }

  /** Tells what is wrong with the file, and what is missing in it though it is well. */
  public static Report check(Path path) {
    try (McapReader reader = McapReader.open(path)) {
      McapVerifier verifier = new McapVerifier(reader);
      verifier.run();
      return new Report(verifier.problems, verifier.notes);
    } catch (McapException e) {
      return new Report(List.of(message(e)), List.of());
    }
  }

  private void problem(String text) {
    if (problems.size() < MAX_PROBLEMS && !problems.contains(text)) {
      problems.add(text);
    }
  }

  /** Notes what the file says of itself and is not so. */
  private void differs(String what) {
    problem("%s: %s; recovery writes it anew".formatted(scanner.file().path(), what));
  }

  private void run() {
    try {
      readData();
    } catch (McapException e) {
      problem(message(e)); // a damaged summary is no news then
      return;
    }
    reader.summaryDamage().ifPresent(damage -> problem(message(damage)));
    if (untimed > 0) {
      differs("%d messages have a time beyond the year 2262".formatted(untimed));
    } else if (!damaged) {
      reader.summary().ifPresent(this::compare);
    }
    if (problems.isEmpty()) {
      note();
    }
  }

  /** Notes what a reader that trusts the index alone does not find. */
  private void note() {
    Optional<McapSummary> summary = reader.summary();
    boolean known = summary.filter(McapSummary::tellsChannels).isPresent();
    boolean indexed = known && chunksIndexed && summary.get().chunks().size() == chunks.size();
    if (!indexed && !chunks.isEmpty()) {
      notes.add("not all of its chunks have an index; recovery writes it");
    } else if (!known || summary.get().statistics().isEmpty()) {
      notes.add("its end does not say what it holds; recovery writes that");
    }
    if (fallen > 0 && (!indexed || outside > 0)) {
      notes.add(
          "log times fall back %d times, and no index tells the order, so that other readers refuse it; recovery sorts the messages"
              .formatted(fallen));
    }
  }

  private void readData() {
    long offset = reader.dataStart();
    while (true) {
      RecordScanner.Record record = scanner.at(offset);
      offset = record.end();
      switch (record.opcode()) {
        case Opcode.SCHEMA, Opcode.CHANNEL, Opcode.MESSAGE ->
            outside += read(record.opcode(), scanner.fields(record)) == null ? 0 : 1;
        case Opcode.CHUNK -> {
          try {
            offset = readChunk(record);
          } catch (McapException e) {
            problem(message(e)); // those after it may be damaged too
            damaged = true;
          }
        }
        case Opcode.ATTACHMENT -> {
          McapAttachment.read(scanner, record);
          attachments.add(record.offset());
        }
        case Opcode.METADATA -> {
          McapMetadata.read(scanner.fields(record));
          metadata.add(record.offset());
        }
        case Opcode.DATA_END -> {
          int crc = scanner.fields(record).takeInt("data_section_crc");
          if (!damaged && crc != 0 && crc != scanner.file().checksum(0, record.offset())) {
            differs("the checksum of the data section is wrong");
          }
          return;
        }
        case Opcode.FOOTER -> {
          return;
        }
        default -> {}
      }
    }
  }

  /** Reads a chunk with its message indexes, and returns the place of the record after them. */
  private long readChunk(RecordScanner.Record record) {
    Chunk chunk = Chunk.read(scanner, record);
    Map<Integer, LongList> expected = new TreeMap<>();
    RecordFields fields = chunk.fields();
    int start = fields.position();
    while (fields.remaining() > 0) {
      long at = (long) fields.position() - start;
      int opcode = fields.takeByte("opcode");
      RecordFields inner = fields.takeFields(opcode, fields.takeLong("length"), "record");
      McapMessage message = read(opcode, inner);
      if (message != null) {
        LongList entries = expected.computeIfAbsent(message.channel().id(), id -> new LongList());
        entries.add(message.logNanos());
        entries.add(at);
        if (message.hasTime()
            && chunk.endNanos() >= 0
            && (message.logNanos() < chunk.startNanos() || message.logNanos() > chunk.endNanos())) {
          differs(
              "the chunk at byte %d has a message at %d, outside of its time"
                  .formatted(record.offset(), message.logNanos()));
        }
      }
    }
    Map<Integer, Long> indexOffsets = new TreeMap<>();
    long offset = record.end();
    RecordScanner.Record next = scanner.at(offset);
    while (next.opcode() == Opcode.MESSAGE_INDEX) {
      RecordFields index = scanner.fields(next);
      int channel = index.takeShort("channel_id");
      indexOffsets.put(channel, next.offset());
      if (!entries(index).sameAs(expected.getOrDefault(channel, new LongList()))) {
        differs("the message index at byte %d is wrong".formatted(next.offset()));
      }
      offset = next.end();
      next = scanner.at(offset);
    }
    chunksIndexed &= indexOffsets.keySet().containsAll(expected.keySet());
    chunks.add(
        new ChunkIndex(
            chunk.startNanos(),
            chunk.endNanos(),
            record.offset(),
            record.end() - record.offset(),
            indexOffsets,
            offset - record.end(),
            chunk.compression(),
            chunk.compressedBytes(),
            chunk.length()));
    return offset;
  }

  private static LongList entries(RecordFields index) {
    RecordFields fields =
        index.takeFields(Integer.toUnsignedLong(index.takeInt("records")), "records");
    LongList entries = new LongList();
    while (fields.remaining() > 0) {
      entries.add(fields.takeLong("records"));
    }
    return entries;
  }

  private @Nullable McapMessage read(int opcode, RecordFields fields) {
    McapMessage message = reader.catalogue().take(opcode, fields);
    if (message != null) {
      counts.merge(message.channel().id(), 1L, Long::sum);
      untimed += message.hasTime() ? 0 : 1;
      fallen += message.logNanos() < newestNanos ? 1 : 0;
      newestNanos = message.logNanos();
      startNanos = Math.min(startNanos, message.logNanos());
      endNanos = Math.max(endNanos, message.logNanos());
    }
    return message;
  }

  private void compare(McapSummary summary) {
    if (!summary.chunks().isEmpty() && !summary.chunks().equals(chunks)) {
      differs("the index does not name the chunks that are there");
    }
    compare("attachments", summary.attachments(), AttachmentIndex::offset, attachments);
    compare("metadata", summary.metadata(), MetadataIndex::offset, metadata);
    long messages = counts.values().stream().mapToLong(count -> count).sum();
    summary
        .statistics()
        .ifPresent(
            said -> {
              Map<Integer, Long> saidCounts = new TreeMap<>(said.channelMessages());
              saidCounts.values().removeIf(count -> count == 0);
              if (said.messages() != messages
                  || !saidCounts.equals(counts)
                  || said.chunks() != chunks.size()
                  || said.attachments() != attachments.size()
                  || said.metadata() != metadata.size()
                  || (messages > 0
                      && (said.startNanos() != startNanos || said.endNanos() != endNanos))) {
                differs(
                    "the statistics say %d messages from %d to %d, there are %d from %d to %d"
                        .formatted(
                            said.messages(),
                            said.startNanos(),
                            said.endNanos(),
                            messages,
                            startNanos,
                            endNanos));
              }
            });
  }

  private <T> void compare(
      String what, List<T> indexes, Function<T, Long> offset, List<Long> there) {
    if (!indexes.isEmpty() && !indexes.stream().map(offset).toList().equals(there)) {
      differs("the index does not name the " + what + " that are there");
    }
  }

  private static String message(McapException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
