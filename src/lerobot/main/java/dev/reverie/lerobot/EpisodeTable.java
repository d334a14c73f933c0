package dev.reverie.lerobot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/** meta/episodes: where each episode lies, its statistics and where it comes from. */
final class EpisodeTable implements AutoCloseable {
  private static final int ROW_GROUP = 100;

  private final TableFiles files;
  private final List<Map<String, Object>> waiting = new ArrayList<>();

  EpisodeTable(Path dataset, SequencedMap<String, Feature> features, long fullBytes)
      throws IOException {
    files =
        new TableFiles(
            dataset, DatasetInfo.EPISODES_PATH, types(features), new TreeMap<>(), fullBytes);
  }

  private static SequencedMap<String, ParquetType> types(SequencedMap<String, Feature> features) {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    types.put("episode_index", ParquetType.Leaf.INT64);
    types.put("tasks", new ParquetType.ListOf(ParquetType.Leaf.STRING));
    types.put("length", ParquetType.Leaf.INT64);
    types.put("dataset_from_index", ParquetType.Leaf.INT64);
    types.put("dataset_to_index", ParquetType.Leaf.INT64);
    place(types, "data");
    features.forEach(
        (key, feature) -> {
          if (feature.video()) {
            place(types, "videos/" + key);
            types.put("videos/" + key + "/from_timestamp", ParquetType.Leaf.DOUBLE);
            types.put("videos/" + key + "/to_timestamp", ParquetType.Leaf.DOUBLE);
          }
        });
    features.forEach(
        (key, feature) ->
            FeatureStats.types(feature.camera())
                .forEach((name, type) -> types.put(statistic(key, name), type)));
    place(types, "meta/episodes");
    types.putAll(Lineage.types());
    return types;
  }

  private static void place(Map<String, ParquetType> types, String what) {
    types.put(what + "/chunk_index", ParquetType.Leaf.INT64);
    types.put(what + "/file_index", ParquetType.Leaf.INT64);
  }

  static void place(Map<String, Object> entry, String what, FileNumber number) {
    entry.put(what + "/chunk_index", number.chunk());
    entry.put(what + "/file_index", number.file());
  }

  static String statistic(String key, String name) {
    return "stats/" + key + "/" + name;
  }

  /** Appends an episode; it is written with those around it. */
  void add(Map<String, Object> entry) throws IOException {
    waiting.add(entry);
    if (waiting.size() == ROW_GROUP) {
      flush();
    }
  }

  private void flush() throws IOException {
    FileNumber number = files.next();
    waiting.forEach(entry -> place(entry, "meta/episodes", number));
    files.write(waiting);
    waiting.clear();
  }

  /** Writes what waits. */
  void finish() throws IOException {
    if (!waiting.isEmpty()) {
      flush();
    }
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
