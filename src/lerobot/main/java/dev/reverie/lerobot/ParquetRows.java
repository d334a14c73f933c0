package dev.reverie.lerobot;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.CompressionCodec;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqStruct;
import dev.hardwood.schema.SchemaNode;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of a Parquet file that anybody wrote. What is damaged or missing is told by name. */
final class ParquetRows implements AutoCloseable {
  /** Held, or the level would be forgotten: Hardwood tells at each start what it does not use. */
  private static final Logger LOGGER = Logger.getLogger("dev.hardwood");

  static {
    LOGGER.setLevel(Level.WARNING);
  }

  private final Path file;
  private final ParquetFileReader reader;
  private final RowReader rows;
  private final Set<String> columns;
  private long row = -1;

  /**
   * Opens a file before its first row.
   *
   * @throws LerobotException where there is no such file or it is damaged
   */
  ParquetRows(Path file) {
    this.file = file;
    if (!Files.isRegularFile(file)) {
      throw new LerobotException(
          "there is no file %s, which the dataset's metadata names; copy the whole dataset again"
              .formatted(file));
    }
    LerobotException.requireFetched(file);
    reader = open();
    try {
      requireCodecs();
      columns =
          reader.getFileSchema().getRootNode().children().stream()
              .map(SchemaNode::name)
              .collect(Collectors.toUnmodifiableSet());
      rows = reader.rowReader();
    } catch (LerobotException e) {
      closeReader();
      throw e;
    } catch (RuntimeException e) {
      closeReader();
      throw damaged(e);
    }
  }

  /** Refuses a compression for which no library is here, which would look like damage. */
  private void requireCodecs() {
    for (RowGroup group : reader.getFileMetaData().rowGroups()) {
      for (ColumnChunk chunk : group.columns()) {
        CompressionCodec codec = chunk.metaData().codec();
        if (codec == CompressionCodec.BROTLI || codec == CompressionCodec.LZO) {
          throw new LerobotException(
              "%s is compressed as %s, which this version does not read; write it with Snappy or Zstandard"
                  .formatted(file, codec));
        }
      }
    }
  }

  private ParquetFileReader open() {
    try {
      return ParquetFileReader.open(new ParquetInput(file));
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }

  Set<String> columns() {
    return columns;
  }

  /** Goes to the next row; false after the last one. */
  boolean next() {
    try {
      if (!rows.hasNext()) {
        return false;
      }
      rows.next();
    } catch (RuntimeException e) {
      throw damaged(e);
    }
    row++;
    return true;
  }

  /** Returns whether the column is there and has a value in this row. */
  boolean has(String column) {
    return columns.contains(column) && !rows.isNull(column);
  }

  long integer(String column) {
    return get(column, "a whole number", value -> value instanceof Number n ? n.longValue() : null);
  }

  double number(String column) {
    return get(column, "a number", value -> value instanceof Number n ? n.doubleValue() : null);
  }

  String text(String column) {
    return get(column, "a text", value -> value instanceof String text ? text : null);
  }

  boolean flag(String column) {
    return get(
        column,
        "true or false",
        value -> {
          Object scalar = value instanceof PqList list && list.size() == 1 ? list.get(0) : value;
          return scalar instanceof Number n
              ? Boolean.valueOf(n.doubleValue() != 0)
              : scalar instanceof Boolean flag ? flag : null;
        });
  }

  /** Reads as many numbers as the feature's shape says; one alone may stand without a list. */
  double[] vector(String column, int size) {
    return get(
        column,
        "a list of %d numbers".formatted(size),
        value -> {
          List<?> list = value instanceof PqList items ? items.values() : List.of(value);
          return list.size() == size && list.stream().allMatch(Number.class::isInstance)
              ? list.stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray()
              : null;
        });
  }

  List<String> texts(String column) {
    return get(
        column, "a list of texts", value -> value instanceof PqList list ? list.strings() : null);
  }

  /**
   * The encoded bytes of a picture: those in the table, or of the file whose path is there.
   *
   * @param dataset folder that the path is in
   * @throws LerobotException where the path leads out of the dataset or to nothing
   */
  byte[] picture(String column, Path dataset) {
    Object stored =
        get(
            column,
            "a picture's bytes or the path of its file",
            value ->
                value instanceof PqStruct picture
                    ? picture.isNull("bytes")
                        ? picture.isNull("path") ? null : picture.getString("path")
                        : picture.getBinary("bytes")
                    : value instanceof byte[] || value instanceof String ? value : null);
    return stored instanceof byte[] bytes ? bytes : pictureFile(column, dataset, (String) stored);
  }

  private byte[] pictureFile(String column, Path dataset, String path) {
    Path picture = dataset.resolve(path).normalize();
    if (!picture.startsWith(dataset.normalize()) || !Files.isRegularFile(picture)) {
      throw new LerobotException(
          "%s: column '%s' of row %d names the picture '%s', which is no file of the dataset %s; put it there, or the pictures' bytes into the table"
              .formatted(file, column, row, path, dataset));
    }
    LerobotException.requireFetched(picture);
    try {
      return Files.readAllBytes(picture);
    } catch (IOException e) {
      throw new LerobotException(
          "cannot read %s: %s".formatted(picture, FileErrors.reason(e, picture)), e);
    }
  }

  private <T> T get(String column, String what, Function<Object, @Nullable T> convert) {
    if (!columns.contains(column)) {
      throw new LerobotException(
          "%s has no column '%s'; it has %s"
              .formatted(file, column, columns.stream().sorted().toList()));
    }
    T converted;
    try {
      Object value = rows.getValue(column);
      converted = value == null ? null : convert.apply(value);
    } catch (RuntimeException e) {
      throw damaged(e);
    }
    if (converted == null) {
      throw new LerobotException(
          "%s: column '%s' of row %d is not %s".formatted(file, column, row, what));
    }
    return converted;
  }

  private LerobotException damaged(Exception e) {
    return new LerobotException(
        "%s cannot be read: %s; is it cut off? Copy the whole dataset again"
            .formatted(file, FileErrors.reason(e)),
        e);
  }

  @Override
  public void close() {
    try {
      rows.close();
    } catch (RuntimeException e) {
      throw damaged(e);
    } finally {
      closeReader();
    }
  }

  private void closeReader() {
    try {
      reader.close();
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    }
  }
}
