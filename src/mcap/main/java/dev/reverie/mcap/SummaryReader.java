package dev.reverie.mcap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the summary section by way of the footer. */
final class SummaryReader {
  private static final int FOOTER_RECORD_BYTES = Opcode.RECORD_HEADER_BYTES + Opcode.FOOTER_BYTES;

  private final FileBytes file;
  private final RecordScanner scanner;
  private final List<McapSchema> schemas = new ArrayList<>();
  private final List<McapChannel> channels = new ArrayList<>();
  private final List<ChunkIndex> chunks = new ArrayList<>();
  private final List<AttachmentIndex> attachments = new ArrayList<>();
  private final List<MetadataIndex> metadata = new ArrayList<>();
  private @Nullable McapStatistics statistics;

  /**
   * Holds a summary and its place.
   *
   * @param offset of its first byte
   */
  record Found(long offset, McapSummary summary) {}

  private SummaryReader(FileBytes file, RecordScanner scanner) {
    this.file = file;
    this.scanner = scanner;
  }

  /**
   * Returns the summary; empty where the file has none.
   *
   * @throws McapException where the file has no footer, or the summary is damaged
   */
  static Optional<Found> read(FileBytes file, RecordScanner scanner) {
    return new SummaryReader(file, scanner).read();
  }

  private Optional<Found> read() {
    byte[] magic = Opcode.magic();
    long footer = file.size() - magic.length - FOOTER_RECORD_BYTES;
    byte[] end = new byte[FOOTER_RECORD_BYTES + magic.length];
    if (footer < magic.length) {
      throw file.unfinished();
    }
    file.read(footer, end, 0, end.length);
    RecordFields fields =
        new RecordFields(
            file.path(),
            end,
            Opcode.RECORD_HEADER_BYTES,
            Opcode.FOOTER_BYTES,
            Opcode.FOOTER,
            footer);
    boolean ended = Arrays.equals(end, FOOTER_RECORD_BYTES, end.length, magic, 0, magic.length);
    boolean footed =
        end[0] == Opcode.FOOTER
            && end[1] == Opcode.FOOTER_BYTES
            && Arrays.equals(end, 2, Opcode.RECORD_HEADER_BYTES, new byte[7], 0, 7);
    if (footed && !ended) {
      throw fields.damaged("the last bytes of the file, behind it, are not MCAP's");
    }
    if (ended && !footed) {
      throw fields.damaged("it is no footer, though MCAP's last bytes are behind it");
    }
    if (!ended) {
      throw file.unfinished();
    }
    long start = fields.takeLong("summary_start");
    fields.takeLong("summary_offset_start");
    int crc = fields.takeInt("summary_crc");
    if (start == 0) {
      return Optional.empty();
    }
    if (start < magic.length || start > footer) {
      throw fields.damaged(
          "summary_start is %s, outside of the file".formatted(Long.toUnsignedString(start)));
    }
    if (crc != 0 && crc != file.checksum(start, file.size() - magic.length - 4)) {
      throw fields.damaged("the checksum of the summary is wrong");
    }
    RecordScanner.Record record = scanner.at(start);
    while (record.opcode() != Opcode.FOOTER) {
      add(record);
      record = scanner.at(record.end());
    }
    return Optional.of(
        new Found(
            start, new McapSummary(schemas, channels, chunks, attachments, metadata, statistics)));
  }

  private void add(RecordScanner.Record record) {
    switch (record.opcode()) {
      case Opcode.SCHEMA -> schemas.add(McapSchema.read(scanner.fields(record)));
      case Opcode.CHANNEL -> channels.add(McapChannel.read(scanner.fields(record)));
      case Opcode.CHUNK_INDEX -> chunks.add(chunkIndex(scanner.fields(record)));
      case Opcode.ATTACHMENT_INDEX -> attachments.add(AttachmentIndex.read(scanner.fields(record)));
      case Opcode.METADATA_INDEX -> metadata.add(MetadataIndex.read(scanner.fields(record)));
      case Opcode.STATISTICS -> statistics = McapStatistics.read(scanner.fields(record));
      default -> {} // summary offsets tell nothing new to who reads the whole summary
    }
  }

  private ChunkIndex chunkIndex(RecordFields fields) {
    ChunkIndex index = ChunkIndex.read(fields);
    long left = file.size() - index.offset();
    if (index.offset() < 0
        || index.length() < Opcode.RECORD_HEADER_BYTES
        || index.length() > left
        || index.messageIndexLength() < 0
        || index.messageIndexLength() > left - index.length()) {
      throw fields.damaged("the chunk that it names is not inside the file");
    }
    return index;
  }
}
