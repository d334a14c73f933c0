package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.rollout.Episode;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Imports datasets as other programs and hands leave them. */
class ImportStrangeTest extends ImportOfOneDataset {
  ImportStrangeTest(@TempDir Path folder) {
    super(folder);
  }

  private void replace(String file, String pattern, String by) throws Exception {
    Path path = dataset.resolve(file);
    String text = Files.readString(path);
    Files.writeString(path, text.replaceFirst(pattern, by));
  }

  private static void rewrite(
      Path file, SequencedMap<String, ParquetType> types, List<Map<String, Object>> rows)
      throws Exception {
    Files.delete(file);
    try (var writer = new ParquetWriter(file, types, new TreeMap<>())) {
      writer.rowGroup(rows);
    }
  }

  private void rewriteTasks(List<Map<String, Object>> rows) throws Exception {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    types.put("task_index", ParquetType.Leaf.INT64);
    types.put("task", ParquetType.Leaf.STRING);
    rewrite(dataset.resolve("meta/tasks.parquet"), types, rows);
  }

  @Test
  void hiddenFilesThatASystemLeftBesideATableAreNone() throws Exception {
    Files.write(dataset.resolve("meta/episodes/chunk-000/._file-000.parquet"), new byte[] {0, 5});
    assertEquals(2, run(options()).episodes());
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "null"})
  void statisticsThatTellNoNumberAreTakenFromTheData(String none) throws Exception {
    replace(
        "meta/stats.json",
        "(?s)(\"observation.state\": \\{.*?\"min\": \\[\\s*)[-0-9.e]+",
        "$1" + none);
    assertEquals(2, run(options()).episodes());
  }

  @Test
  void anEpisodeThatIsDescribedTwiceIsRefused() throws Exception {
    Path first = dataset.resolve("meta/episodes/chunk-000/file-000.parquet");
    Files.copy(first, first.resolveSibling("file-001.parquet"));
    assertRefused(options(), "describes episode 0 twice");
  }

  @Test
  void aTaskOfTwoTextsIsRefused() throws Exception {
    rewriteTasks(
        List.of(
            Map.of("task_index", 0L, "task", "pick"), Map.of("task_index", 0L, "task", "place")));
    assertRefused(options(), "meta/tasks.parquet has two texts of task 0, 'pick' and 'place'");
  }

  @ParameterizedTest
  @CsvSource({"'', ''", "' ', press the button"})
  void anEmptyTaskIsSaidOrTakesTheInstruction(String empty, String instruction) throws Exception {
    rewriteTasks(
        List.of(
            Map.of("task_index", 0L, "task", empty), Map.of("task_index", 1L, "task", "place")));
    Options options = options();
    options.instruction = Optional.of(instruction).filter(text -> !text.isEmpty());
    run(options);
    List<String> instructions = new ArrayList<>();
    for (Path bag : Rollouts.bags(folder.resolve("rollouts"))) {
      instructions.add(Episode.read(bag).instruction());
    }
    assertEquals(List.of(instruction, "place"), instructions);
    assertEquals(
        instruction.isEmpty(),
        told.stream().anyMatch(line -> line.startsWith("no instruction: 1 of 2 episodes")));
  }

  @Test
  void framesThatAreNotAtTheRateOfTheDatasetAreRefused() throws Exception {
    replace("meta/info.json", "\"fps\": 30", "\"fps\": 10");
    Options options = options();
    options.every = 1;
    assertRefused(
        options,
        "episode 0, frame 1: its timestamp is 0.033 s, that of the frame before 0.000 s",
        "says 10.0 frames a second; resample");
  }

  @ParameterizedTest
  @CsvSource({"v2.0, convert_dataset_v20_to_v21 and then", "v2.1, LeRobot's convert_dataset_v21"})
  void anOlderVersionIsRefusedWithTheWayToThisOne(String version, String way) throws Exception {
    replace("meta/info.json", "v3.0", version);
    assertRefused(options(), "'" + version + "'", way, "convert_dataset_v21_to_v30");
  }

  @ParameterizedTest
  @ValueSource(strings = {"observation.state", "action"})
  void aPositionThatIsNoNumberIsCalledSoWithEpisodeAndFrame(String key) throws Exception {
    Path file = dataset.resolve("data/chunk-000/file-000.parquet");
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    types.put("observation.state", new ParquetType.ListOf(ParquetType.Leaf.DOUBLE));
    types.put("action", new ParquetType.ListOf(ParquetType.Leaf.DOUBLE));
    for (String count : List.of("frame_index", "episode_index", "task_index")) {
      types.put(count, ParquetType.Leaf.INT64);
    }
    types.put("timestamp", ParquetType.Leaf.DOUBLE);
    types.put("observation.images.wrist", ParquetType.Leaf.BINARY);
    List<Map<String, Object>> changed = new ArrayList<>();
    try (var rows = new ParquetRows(file)) {
      while (rows.next()) {
        Map<String, Object> row = new LinkedHashMap<>();
        for (String name : List.of("observation.state", "action")) {
          double[] numbers = rows.vector(name, 2);
          boolean damaged = name.equals(key) && changed.size() == 3;
          row.put(name, List.of(numbers[0], damaged ? Double.NaN : numbers[1]));
        }
        for (String count : List.of("frame_index", "episode_index", "task_index")) {
          row.put(count, rows.integer(count));
        }
        row.put("timestamp", rows.number("timestamp"));
        row.put("observation.images.wrist", rows.picture("observation.images.wrist", dataset));
        changed.add(row);
      }
    }
    rewrite(file, types, changed);
    Files.delete(dataset.resolve("meta/stats.json"));
    assertRefused(options(), "episode 0, frame 3: " + key + " has NaN", "which is no number");
  }
}
