package dev.reverie.mcap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Adds to a finished file: what is there stays byte for byte, and the summary is made anew. Public
 * for bags, whose {@code Rosbag2Appender} keeps metadata.yaml in step too.
 */
public final class McapAppender {
  private static final int DATA_END_BYTES = Opcode.RECORD_HEADER_BYTES + 4;

  private McapAppender() {}

  /**
   * Adds what {@code additions} writes. The longer file is prepared beside the old one and then
   * takes its place, so that a crash leaves one or the other.
   *
   * @throws McapException where the file has no index, or a damaged one; it has to be recovered
   *     first
   */
  public static void append(Path path, McapOptions options, Consumer<McapWriter> additions) {
    Path temporary = Durable.temporary(path);
    try {
      Files.deleteIfExists(temporary);
      try (FileBytes file = new FileBytes(path)) {
        RecordScanner scanner = new RecordScanner(file, McapReader.DEFAULT_MAX_RECORD_BYTES);
        scanner.first();
        SummaryReader.Found found =
            SummaryReader.read(file, scanner).orElseThrow(() -> noIndex(path));
        McapSummary summary = found.summary();
        McapStatistics statistics = summary.statistics().orElseThrow(() -> noIndex(path));
        RecordScanner.Record dataEnd = scanner.at(found.offset() - DATA_END_BYTES);
        if (dataEnd.opcode() != Opcode.DATA_END || statistics.chunks() != summary.chunks().size()) {
          throw noIndex(path);
        }
        McapWriter writer =
            new McapWriter(
                McapWriter.open(temporary),
                DiskReserve.none(Durable.folderOf(path)),
                options,
                System::nanoTime);
        try {
          int crc = scanner.fields(dataEnd).takeInt("data_section_crc");
          writer.resume(file, dataEnd.offset(), crc, summary, statistics);
          additions.accept(writer);
        } catch (RuntimeException e) {
          writer.abandon();
          throw e;
        }
        writer.close();
      }
      Durable.replace(temporary, path);
    } catch (IOException e) {
      throw new McapException("cannot append to " + path + ": " + e, 0, e);
    } finally {
      deleteQuietly(temporary);
    }
  }

  private static McapException noIndex(Path path) {
    return new McapException(
        path + " has no complete index, so nothing can be appended; recover it first", 0);
  }

  private static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      // A left-over temporary file is overwritten by the next attempt.
    }
  }
}
