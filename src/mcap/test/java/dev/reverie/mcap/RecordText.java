package dev.reverie.mcap;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints the records of a file, one a line, as the conformance vectors' JSON lists them and as we
 * read.
 */
final class RecordText {
  private RecordText() {}

  static List<String> of(JsonNode records) {
    List<String> lines = new ArrayList<>();
    for (JsonNode record : records) {
      Map<String, Object> fields = new TreeMap<>();
      for (JsonNode field : record.get("fields")) {
        fields.put(field.get(0).asText(), value(field.get(1)));
      }
      lines.add(record.get("type").asText() + " " + fields);
    }
    return lines;
  }

  private static Object value(JsonNode node) {
    if (node.isArray()) {
      List<String> values = new ArrayList<>();
      node.forEach(value -> values.add(value.asText()));
      return values;
    }
    if (node.isObject()) {
      Map<String, String> values = new TreeMap<>();
      node.properties().forEach(entry -> values.put(entry.getKey(), entry.getValue().asText()));
      return values;
    }
    return node.asText();
  }

  static long logNanos(String line) {
    return Long.parseLong(line.replaceFirst(".*log_time=(\\d+).*", "$1"));
  }

  static List<String> byTime(Path file) {
    try (McapReader reader = McapReader.open(file)) {
      List<String> lines = new ArrayList<>();
      reader.messagesByTime(McapQuery.ALL).forEach(message -> lines.add(message(message)));
      return lines;
    }
  }

  /** Every record from the first to the last, those in chunks too; without message indexes. */
  static List<String> of(Path path) {
    List<String> lines = new ArrayList<>();
    try (McapReader reader = McapReader.open(path)) {
      lines.add(line("Header", "library", reader.library(), "profile", reader.profile()));
      RecordScanner scanner = reader.scanner();
      Catalogue catalogue = new Catalogue();
      RecordScanner.Record record = scanner.at(reader.dataStart());
      while (record.opcode() != Opcode.FOOTER) {
        if (record.opcode() == Opcode.CHUNK) {
          RecordFields chunk = Chunk.read(scanner, record).fields();
          while (chunk.remaining() > 0) {
            int opcode = chunk.takeByte("opcode");
            add(
                lines,
                opcode,
                chunk.takeFields(opcode, chunk.takeLong("length"), "record"),
                catalogue);
          }
        } else if (record.opcode() == Opcode.ATTACHMENT) {
          lines.add(attachment(McapAttachment.read(scanner, record)));
        } else {
          add(lines, record.opcode(), scanner.fields(record), catalogue);
        }
        record = scanner.at(record.end());
      }
      add(lines, Opcode.FOOTER, scanner.fields(record), catalogue);
    }
    return lines;
  }

  private static void add(List<String> lines, int opcode, RecordFields f, Catalogue catalogue) {
    switch (opcode) {
      case Opcode.SCHEMA -> {
        McapSchema s = McapSchema.read(f);
        catalogue.add(s, f);
        lines.add(
            line(
                "Schema",
                "id",
                s.id(),
                "name",
                s.name(),
                "encoding",
                s.encoding(),
                "data",
                s.data()));
      }
      case Opcode.CHANNEL -> {
        McapChannel c = McapChannel.read(f);
        catalogue.add(c, f);
        lines.add(
            line(
                "Channel",
                "id",
                c.id(),
                "schema_id",
                c.schemaId(),
                "topic",
                c.topic(),
                "message_encoding",
                c.messageEncoding(),
                "metadata",
                new TreeMap<>(c.metadata())));
      }
      case Opcode.MESSAGE -> {
        McapMessage message = catalogue.take(opcode, f);
        lines.add(message == null ? "" : message(message));
      }
      case Opcode.METADATA -> {
        McapMetadata m = McapMetadata.read(f);
        lines.add(line("Metadata", "name", m.name(), "metadata", new TreeMap<>(m.values())));
      }
      case Opcode.DATA_END ->
          lines.add(line("DataEnd", "data_section_crc", f.takeInt("crc") & 0xffffffffL));
      case Opcode.STATISTICS -> {
        McapStatistics s = McapStatistics.read(f);
        lines.add(
            line(
                "Statistics",
                "message_count",
                s.messages(),
                "schema_count",
                s.schemas(),
                "channel_count",
                s.channels(),
                "attachment_count",
                s.attachments(),
                "metadata_count",
                s.metadata(),
                "chunk_count",
                s.chunks(),
                "message_start_time",
                s.startNanos(),
                "message_end_time",
                s.endNanos(),
                "channel_message_counts",
                new TreeMap<>(s.channelMessages())));
      }
      case Opcode.CHUNK_INDEX -> {
        ChunkIndex c = ChunkIndex.read(f);
        lines.add(
            line(
                "ChunkIndex",
                "message_start_time",
                c.startNanos(),
                "message_end_time",
                c.endNanos(),
                "chunk_start_offset",
                c.offset(),
                "chunk_length",
                c.length(),
                "message_index_offsets",
                new TreeMap<>(c.messageIndexOffsets()),
                "message_index_length",
                c.messageIndexLength(),
                "compression",
                c.compression(),
                "compressed_size",
                c.compressedBytes(),
                "uncompressed_size",
                c.uncompressedBytes()));
      }
      case Opcode.ATTACHMENT_INDEX -> {
        AttachmentIndex a = AttachmentIndex.read(f);
        lines.add(
            line(
                "AttachmentIndex",
                "offset",
                a.offset(),
                "length",
                a.length(),
                "log_time",
                a.logNanos(),
                "create_time",
                a.createNanos(),
                "data_size",
                a.dataBytes(),
                "name",
                a.name(),
                "media_type",
                a.mediaType()));
      }
      case Opcode.METADATA_INDEX -> {
        MetadataIndex m = MetadataIndex.read(f);
        lines.add(
            line("MetadataIndex", "offset", m.offset(), "length", m.length(), "name", m.name()));
      }
      case Opcode.SUMMARY_OFFSET ->
          lines.add(
              line(
                  "SummaryOffset",
                  "group_opcode",
                  f.takeByte("opcode"),
                  "group_start",
                  f.takeLong("start"),
                  "group_length",
                  f.takeLong("length")));
      case Opcode.FOOTER ->
          lines.add(
              line(
                  "Footer",
                  "summary_start",
                  f.takeLong("start"),
                  "summary_offset_start",
                  f.takeLong("offsets"),
                  "summary_crc",
                  f.takeInt("crc") & 0xffffffffL));
      default -> {} // message indexes
    }
  }

  private static String message(McapMessage m) {
    return line(
        "Message",
        "channel_id",
        m.channel().id(),
        "sequence",
        m.sequence(),
        "log_time",
        m.logNanos(),
        "publish_time",
        m.publishNanos(),
        "data",
        Samples.bytes(m));
  }

  private static String attachment(McapAttachment a) {
    return line(
        "Attachment",
        "log_time",
        a.logNanos(),
        "create_time",
        a.createNanos(),
        "name",
        a.name(),
        "media_type",
        a.mediaType(),
        "data",
        a.data());
  }

  private static String line(String type, Object... fields) {
    Map<String, Object> sorted = new TreeMap<>();
    for (int i = 0; i < fields.length; i += 2) {
      Object value = fields[i + 1];
      sorted.put(
          (String) fields[i], value instanceof byte[] bytes ? Arrays.toString(bytes) : value);
    }
    return type + " " + sorted;
  }
}
