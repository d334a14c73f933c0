package dev.reverie.lerobot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our Parquet files, read by Hardwood. */
class ParquetTest {
  private static final ParquetType DOUBLES = new ParquetType.ListOf(ParquetType.Leaf.DOUBLE);

  private final Path folder;

  ParquetTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static SequencedMap<String, ParquetType> types() {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    types.put("done", ParquetType.Leaf.BOOL);
    types.put("index", ParquetType.Leaf.INT64);
    types.put("time", ParquetType.Leaf.FLOAT);
    types.put("exact", ParquetType.Leaf.DOUBLE);
    types.put("task", ParquetType.Leaf.STRING);
    types.put("observation.state", new ParquetType.ListOf(ParquetType.Leaf.FLOAT));
    types.put("stats/image/mean", new ParquetType.ListOf(new ParquetType.ListOf(DOUBLES)));
    types.put("names", new ParquetType.ListOf(ParquetType.Leaf.STRING));
    types.put("picture", ParquetType.image());
    return types;
  }

  private static Map<String, Object> row(int i, int pictureBytes) {
    byte[] bytes = new byte[pictureBytes];
    new SplittableRandom(i).nextBytes(bytes);
    Map<String, Object> row = new HashMap<>();
    row.put("done", i % 3 == 0);
    row.put("index", Long.MAX_VALUE - i);
    row.put("time", i / 10f);
    row.put("exact", i / 7.0);
    row.put("task", i % 2 == 0 ? "gehe über Los" : "手");
    row.put("observation.state", List.of(i + 0.25f, -i - 0.5f, Float.MIN_VALUE));
    row.put(
        "stats/image/mean",
        List.of(List.of(List.of(i + 0.1)), List.of(List.of(i + 0.2)), List.of(List.of(i + 0.3))));
    row.put("names", i % 2 == 0 ? List.of("a") : List.of("b", "c"));
    row.put("picture", Map.of("bytes", bytes, "path", "frame-" + i + ".png"));
    return row;
  }

  @Test
  void anotherReaderReadsEveryKindOfColumnInRowGroupsAndPages() throws Exception {
    int[] groups = {1, 13, 40}; // pictures of 100 kB: the last group has four pages of them
    Path file = folder.resolve("file.parquet");
    try (ParquetWriter writer = new ParquetWriter(file, types(), new TreeMap<>(Map.of("k", "v")))) {
      int i = 0;
      for (int size : groups) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int n = 0; n < size; n++) {
          rows.add(row(i++, 100_000));
        }
        writer.rowGroup(rows);
      }
    }
    try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file))) {
      assertEquals(3, reader.getFileMetaData().rowGroups().size());
      assertEquals(54, reader.getFileMetaData().numRows());
      assertEquals(Map.of("k", "v"), reader.getFileMetaData().keyValueMetadata());
    }
    try (ParquetRows rows = new ParquetRows(file)) {
      assertEquals(types().keySet(), rows.columns());
      for (int i = 0; i < 54; i++) {
        assertTrue(rows.next());
        Map<String, Object> expected = row(i, 100_000);
        assertEquals(expected.get("done"), rows.flag("done"));
        assertEquals(expected.get("index"), rows.integer("index"));
        assertEquals(expected.get("time"), (float) rows.number("time"));
        assertEquals(expected.get("exact"), rows.number("exact"));
        assertEquals(expected.get("task"), rows.text("task"));
        assertArrayEquals(
            new double[] {i + 0.25f, -i - 0.5f, Float.MIN_VALUE},
            rows.vector("observation.state", 3));
        assertEquals(expected.get("names"), rows.texts("names"));
        assertArrayEquals(
            (byte[]) Objects.requireNonNull((Map<?, ?>) expected.get("picture")).get("bytes"),
            rows.picture("picture", folder));
      }
      assertFalse(rows.next());
    }
  }

  @Test
  void aSingleNumberIsAVectorOfOne() throws Exception {
    Path file = write(row(1, 10));
    try (ParquetRows rows = new ParquetRows(file)) {
      rows.next();
      assertArrayEquals(new double[] {0.1f}, rows.vector("time", 1));
    }
  }

  @Test
  void whatIsAskedForAndNotThereIsNamed() throws Exception {
    Path file = write(row(1, 10));
    try (ParquetRows rows = new ParquetRows(file)) {
      rows.next();
      Refusal.of(LerobotException.class, () -> rows.number("speed"), "has no column 'speed'");
      Refusal.of(
          LerobotException.class,
          () -> rows.integer("task"),
          "column 'task' of row 0 is not a whole number");
      Refusal.of(
          LerobotException.class,
          () -> rows.vector("observation.state", 4),
          "column 'observation.state' of row 0 is not a list of 4 numbers");
    }
    Refusal.of(
        LerobotException.class,
        () -> new ParquetRows(folder.resolve("none.parquet")),
        "there is no file");
  }

  /** A file that PyArrow wrote. */
  private static Path madeByPyArrow(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(ParquetTest.class.getResource("/parquet/" + name)).toURI());
  }

  @Test
  void aPictureMayBeTheFileWhosePathStandsInTheTable() throws Exception {
    Files.createDirectory(folder.resolve("images"));
    Files.writeString(folder.resolve("images/a.png"), "file");
    try (ParquetRows rows = new ParquetRows(madeByPyArrow("pictures.parquet"))) {
      rows.next();
      assertEquals("file", new String(rows.picture("picture", folder), UTF_8));
      Refusal.of(
          LerobotException.class,
          () -> rows.picture("picture", folder.resolve("images")),
          "row 0 names the picture 'images/a.png', which is no file of the dataset");
      rows.next();
      assertArrayEquals(new byte[] {1, 2}, rows.picture("picture", folder));
      rows.next();
      Refusal.of(
          LerobotException.class,
          () -> rows.picture("picture", folder.resolve("images")),
          "row 2 names the picture '../a.png', which is no file of the dataset");
      rows.next();
      Refusal.of(
          LerobotException.class,
          () -> rows.picture("picture", folder),
          "row 3 is not a picture's bytes or the path of its file");
    }
  }

  @Test
  void aCompressionThatIsNotReadIsNamedAndNotTakenForDamage() {
    Refusal.of(
        LerobotException.class,
        () -> new ParquetRows(madeByPyArrow("brotli.parquet")),
        "brotli.parquet is compressed as BROTLI",
        "Snappy or Zstandard");
  }

  @Test
  void aFileCutOffAnywhereIsRefused() throws Exception {
    Path file = write(row(1, 1000));
    long size = Files.size(file);
    for (long length = 0; length < size; length += Math.max(1, size / 97)) {
      Path cut = folder.resolve("cut-" + length);
      Files.copy(file, cut);
      Folders.cut(cut, length);
      Refusal.of(
          LerobotException.class,
          () -> {
            try (ParquetRows rows = new ParquetRows(cut)) {
              rows.next();
            }
          },
          "cannot be read");
    }
  }

  @Test
  void noRowIsWrittenThatLacksAValue() {
    Map<String, Object> row = row(1, 10);
    row.remove("task");
    assertThrows(IllegalArgumentException.class, () -> write(row));
  }

  private Path write(Map<String, Object> row) throws IOException {
    Path file = Files.createTempFile(folder, "file", ".parquet");
    Files.delete(file);
    try (ParquetWriter writer = new ParquetWriter(file, types(), new TreeMap<>())) {
      writer.rowGroup(List.of(row));
    }
    return file;
  }
}
