package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Notes the ends of a whole file's records: what must be there when it is cut off. */
final class Landmarks {
  private final NavigableMap<Long, Integer> messages = new TreeMap<>();
  private final List<Long> attachments = new ArrayList<>();
  private final List<Long> metadata = new ArrayList<>();
  private final long dataStart;
  private int chunks;

  private Landmarks(long dataStart) {
    this.dataStart = dataStart;
    messages.put(0L, 0);
  }

  static Landmarks of(Path file) {
    try (McapReader reader = McapReader.open(file)) {
      Landmarks marks = new Landmarks(reader.dataStart());
      RecordScanner scanner = reader.scanner();
      RecordScanner.Record record = scanner.at(marks.dataStart);
      int count = 0;
      while (record.opcode() != Opcode.DATA_END) {
        switch (record.opcode()) {
          case Opcode.MESSAGE -> marks.messages.put(record.end(), ++count);
          case Opcode.CHUNK -> {
            count += messages(Chunk.read(scanner, record));
            marks.messages.put(record.end(), count);
            marks.chunks++;
          }
          case Opcode.ATTACHMENT -> marks.attachments.add(record.end());
          case Opcode.METADATA -> marks.metadata.add(record.end());
          default -> {}
        }
        record = scanner.at(record.end());
      }
      return marks;
    }
  }

  private static int messages(Chunk chunk) {
    int count = 0;
    RecordFields fields = chunk.fields();
    while (fields.remaining() > 0) {
      count += fields.takeByte("opcode") == Opcode.MESSAGE ? 1 : 0;
      fields.takeFields(fields.takeLong("length"), "record");
    }
    return count;
  }

  /** Returns the place of the first record after the header. */
  long dataStart() {
    return dataStart;
  }

  int chunks() {
    return chunks;
  }

  /** Messages that are whole, or stand in a whole chunk, before a cut. */
  int messagesBefore(long cut) {
    return messages.floorEntry(cut).getValue();
  }

  long attachmentsBefore(long cut) {
    return attachments.stream().filter(end -> end <= cut).count();
  }

  long metadataBefore(long cut) {
    return metadata.stream().filter(end -> end <= cut).count();
  }
}
