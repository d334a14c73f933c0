package dev.reverie.lerobot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;

/** Writes one table of a dataset, in files of limited size. */
final class TableFiles implements AutoCloseable {
  private final Path dataset;
  private final String template;
  private final SequencedMap<String, ParquetType> types;
  private final SortedMap<String, String> metadata;
  private final long fullBytes;
  private FileNumber number = FileNumber.FIRST;
  private ParquetWriter writer;

  /**
   * Begins the first file of a table.
   *
   * @param template of the files' paths, as in meta/info.json
   * @param fullBytes after so many a new file begins
   */
  TableFiles(
      Path dataset,
      String template,
      SequencedMap<String, ParquetType> types,
      SortedMap<String, String> metadata,
      long fullBytes)
      throws IOException {
    this.dataset = dataset;
    this.template = template;
    this.types = types;
    this.metadata = metadata;
    this.fullBytes = fullBytes;
    writer = open();
  }

  private ParquetWriter open() throws IOException {
    Path path = number.path(dataset, template, "");
    Files.createDirectories(path.getParent());
    return new ParquetWriter(path, types, metadata);
  }

  /** The file that the next rows go to. */
  FileNumber next() throws IOException {
    if (writer.bytes() >= fullBytes) {
      writer.close();
      number = number.next();
      writer = open();
    }
    return number;
  }

  /** Appends a row group. */
  void write(List<? extends Map<String, ?>> rows) throws IOException {
    next();
    writer.rowGroup(rows);
  }

  @Override
  public void close() throws IOException {
    writer.close();
  }
}
