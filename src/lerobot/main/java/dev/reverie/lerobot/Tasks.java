package dev.reverie.lerobot;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;

/** meta/tasks.parquet: the instructions by their number. */
final class Tasks {
  private static final String TEXT = "task";

  /** Description by which Pandas finds the table's index: the texts. */
  private static final String PANDAS =
      """
      {"index_columns": ["task"],\
       "column_indexes": [{"name": null, "field_name": null, "pandas_type": "unicode",\
       "numpy_type": "object", "metadata": {"encoding": "UTF-8"}}],\
       "columns": [{"name": "task_index", "field_name": "task_index", "pandas_type": "int64",\
       "numpy_type": "int64", "metadata": null}, {"name": "task", "field_name": "task",\
       "pandas_type": "unicode", "numpy_type": "object", "metadata": null}],\
       "creator": {"library": "reverie", "version": "1"}, "pandas_version": "2.0.0"}""";

  private Tasks() {}

  /**
   * Writes the table.
   *
   * @param tasks numbers by text, counted from 0
   */
  static void write(Path dataset, SequencedMap<String, Integer> tasks) throws IOException {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    types.put(Keys.TASK, ParquetType.Leaf.INT64);
    types.put(TEXT, ParquetType.Leaf.STRING);
    List<Map<String, Object>> rows = new ArrayList<>();
    tasks.forEach((text, number) -> rows.add(Map.of(Keys.TASK, (long) number, TEXT, text)));
    try (ParquetWriter writer =
        new ParquetWriter(
            dataset.resolve(DatasetInfo.TASKS), types, new TreeMap<>(Map.of("pandas", PANDAS)))) {
      writer.rowGroup(rows);
    }
  }

  /** Texts by number. */
  static SortedMap<Long, String> read(Path dataset) {
    SortedMap<Long, String> tasks = new TreeMap<>();
    try (ParquetRows rows = new ParquetRows(dataset.resolve(DatasetInfo.TASKS))) {
      // Pandas calls an index without a name "__index_level_0__".
      String text = rows.columns().contains(TEXT) ? TEXT : "__index_level_0__";
      while (rows.next()) {
        long number = rows.integer(Keys.TASK);
        String task = rows.text(text);
        String before = tasks.put(number, task);
        if (before != null && !before.equals(task)) {
          throw new LerobotException(
              "%s has two texts of task %d, '%s' and '%s'; copy the whole dataset again"
                  .formatted(dataset.resolve(DatasetInfo.TASKS), number, before, task));
        }
      }
    }
    return tasks;
  }
}
