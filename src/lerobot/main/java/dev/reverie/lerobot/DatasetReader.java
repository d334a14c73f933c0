package dev.reverie.lerobot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.rollout.CameraImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a dataset, frame by frame in the order of its episodes, wherever in the files each of them
 * lies; one picture is held at a time.
 */
final class DatasetReader implements AutoCloseable {
  private final Path dataset;
  private final DatasetInfo info;
  private final SortedMap<Long, String> tasks;
  private final List<Entry> episodes;
  private final Map<Long, Long> lengths = new HashMap<>(); // by the index of the episode
  private final Map<String, Video> videos = new HashMap<>();
  private @Nullable FileNumber open;
  private @Nullable ParquetRows rows;
  private @Nullable Entry episode;
  private long frame;
  private double seconds; // of the frame, by its timestamp

  /**
   * An episode as meta/episodes describes it.
   *
   * @param length frames
   * @param videos where each camera's pictures are, by the key of its feature
   * @param lineage where it was exported from rollouts
   */
  record Entry(
      long index,
      long length,
      FileNumber data,
      SequencedMap<String, VideoFiles.Place> videos,
      Optional<Lineage> lineage) {}

  /** Least and greatest values by entry, finite. */
  record Extremes(List<Double> least, List<Double> greatest) {
    /** Least and greatest value of one entry. */
    List<Double> of(int entry) {
      return List.of(least.get(entry), greatest.get(entry));
    }
  }

  private record Video(FileNumber file, VideoReader reader) {}

  /**
   * Opens a dataset.
   *
   * @throws LerobotException where it is no dataset of this version or has no episodes
   */
  DatasetReader(Path dataset) {
    this.dataset = dataset;
    info = DatasetInfo.read(dataset);
    tasks = Tasks.read(dataset);
    episodes = entries();
    for (Entry entry : episodes) {
      if (lengths.put(entry.index, entry.length) != null) {
        throw new LerobotException(
            "%s describes episode %d twice; copy the whole dataset again"
                .formatted(dataset.resolve(DatasetInfo.EPISODES_FOLDER), entry.index));
      }
    }
    if (episodes.isEmpty()) {
      throw new LerobotException(dataset + " has no episodes; record some first");
    }
    if (episodes.size() != info.episodes()) {
      throw new LerobotException(
          "%s says %d episodes, %s has %d; copy the whole dataset again"
              .formatted(
                  dataset.resolve(DatasetInfo.FILE),
                  info.episodes(),
                  DatasetInfo.EPISODES_FOLDER,
                  episodes.size()));
    }
  }

  DatasetInfo info() {
    return info;
  }

  List<Entry> episodes() {
    return episodes;
  }

  /**
   * Least and greatest values of a numeric feature's entries, by meta/stats.json, or where that
   * tells no finite ones, by the data.
   */
  Extremes extremes(String key, int size) {
    Path file = dataset.resolve(DatasetInfo.STATS);
    List<Double> least = new ArrayList<>();
    List<Double> greatest = new ArrayList<>();
    if (Files.isRegularFile(file)) {
      JsonNode stats = DatasetInfo.readStatistics(file).path(key);
      stats.path("min").forEach(value -> least.add(value.asDouble(Double.NaN)));
      stats.path("max").forEach(value -> greatest.add(value.asDouble(Double.NaN)));
    }
    boolean told =
        least.size() == size
            && greatest.size() == size
            && Stream.concat(least.stream(), greatest.stream()).allMatch(Double::isFinite);
    return told ? new Extremes(least, greatest) : extremesOfTheData(key, size);
  }

  private Extremes extremesOfTheData(String key, int size) {
    var entries = new DoubleSummaryStatistics[size];
    Arrays.setAll(entries, _ -> new DoubleSummaryStatistics());
    for (FileNumber data : episodes.stream().map(Entry::data).distinct().toList()) {
      try (var table = new ParquetRows(data.path(dataset, info.dataPath(), ""))) {
        while (table.next()) {
          double[] numbers = table.vector(key, size);
          for (int i = 0; i < size; i++) {
            if (!Double.isFinite(numbers[i])) {
              throw new LerobotException(
                  "%s: episode %d, frame %d: %s has %s, which is no number; take the episode out of the dataset, or record it anew"
                      .formatted(
                          dataset,
                          table.integer(Keys.EPISODE),
                          table.integer(Keys.FRAME),
                          key,
                          numbers[i]));
            }
            entries[i].accept(numbers[i]);
          }
        }
      }
    }
    return new Extremes(
        Stream.of(entries).map(DoubleSummaryStatistics::getMin).toList(),
        Stream.of(entries).map(DoubleSummaryStatistics::getMax).toList());
  }

  private List<Entry> entries() {
    Path folder = dataset.resolve(DatasetInfo.EPISODES_FOLDER);
    List<Path> files;
    try (Stream<Path> paths = Files.isDirectory(folder) ? Files.walk(folder, 2) : Stream.empty()) {
      files = paths.filter(DatasetReader::isTable).sorted().toList();
    } catch (IOException e) {
      throw new LerobotException("cannot read " + folder, e);
    }
    List<Entry> entries = new ArrayList<>();
    for (Path file : files) {
      try (ParquetRows table = new ParquetRows(file)) {
        while (table.next()) {
          entries.add(entry(table));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::index)); // as they are in the data, mostly
    return entries;
  }

  /**
   * Tells whether it is a table, and not one of the hidden files that systems leave beside others,
   * such as ._file-000.parquet.
   */
  private static boolean isTable(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".parquet") && !name.startsWith(".");
  }

  private Entry entry(ParquetRows table) {
    SequencedMap<String, VideoFiles.Place> places = new LinkedHashMap<>();
    info.features()
        .forEach(
            (key, feature) -> {
              if (feature.video()) {
                places.put(
                    key,
                    new VideoFiles.Place(
                        number(table, "videos/" + key),
                        table.number("videos/" + key + "/from_timestamp")));
              }
            });
    return new Entry(
        table.integer("episode_index"),
        table.integer("length"),
        number(table, "data"),
        places,
        Lineage.read(table));
  }

  private static FileNumber number(ParquetRows table, String what) {
    return new FileNumber(
        table.integer(what + "/chunk_index"), table.integer(what + "/file_index"));
  }

  /** Goes to an episode; fastest in the order of the files. */
  void begin(Entry entry) {
    if (rows == null || !entry.data.equals(open)) {
      reopen(entry.data);
    }
    episode = entry;
    frame = -1;
  }

  /**
   * Goes to the episode's next frame; false after the last one.
   *
   * @throws LerobotException where the metadata say otherwise, or the frame's timestamp is off the
   *     dataset's rate
   */
  boolean next() {
    Entry current = current();
    if (frame + 1 == current.length) {
      return false;
    }
    frame++;
    boolean found = frame == 0 ? found(current) : rows().next() && isAt(current, frame);
    if (!found) {
      throw new LerobotException(
          "%s: frame %d of episode %d is not where the metadata says; copy the whole dataset again"
              .formatted(dataset, frame, current.index));
    }
    requireOnTime();
    return true;
  }

  /** Refuses a frame that is a half period and more off the rate at which all are taken to be. */
  private void requireOnTime() {
    if (!info.features().containsKey(Keys.TIMESTAMP)) {
      return;
    }
    double before = seconds;
    seconds = rows().number(Keys.TIMESTAMP);
    double period = 1 / info.fps();
    if (frame > 0 && !(Math.abs(seconds - before - period) < period / 2)) {
      throw new LerobotException(
          "%s: its timestamp is %.3f s, that of the frame before %.3f s, and %s says %s frames a second; resample the episode to that rate, or take it out of the dataset"
              .formatted(where(), seconds, before, DatasetInfo.FILE, info.fps()));
    }
  }

  private boolean isAt(Entry entry, long number) {
    return rows().integer(Keys.EPISODE) == entry.index && rows().integer(Keys.FRAME) == number;
  }

  /** Goes on to the first frame of an episode, or back to it. */
  private boolean found(Entry entry) {
    for (int pass = 0; pass < 2; pass++) {
      while (rows().next()) {
        if (isAt(entry, 0)) {
          return true;
        }
        requireTold(rows().integer(Keys.EPISODE), rows().integer(Keys.FRAME));
      }
      reopen(entry.data);
    }
    return false;
  }

  /** Refuses a frame that is passed over and lies behind the end of its episode. */
  private void requireTold(long index, long number) {
    long length = lengths.getOrDefault(index, Long.MAX_VALUE);
    if (number >= length) {
      throw new LerobotException(
          "%s: episode %d has a frame %d, and %d frames by the metadata; copy the whole dataset again"
              .formatted(dataset, index, number, length));
    }
  }

  /** The number of the frame in its episode, from 0. */
  long frame() {
    return frame;
  }

  /** Returns the place for messages. */
  String where() {
    return "%s: episode %d, frame %d".formatted(dataset, current().index, frame);
  }

  /** The numbers of a feature, as many as its shape says. */
  double[] numbers(String key) {
    Feature feature = info.features().get(key);
    if (feature == null) {
      throw new IllegalArgumentException("the dataset has no feature " + key);
    }
    return rows().vector(key, feature.size());
  }

  boolean flag(String key) {
    return rows().flag(key);
  }

  long integer(String key) {
    return rows().integer(key);
  }

  /** The instruction. */
  String task() {
    long number = rows().integer(Keys.TASK);
    String task = tasks.get(number);
    if (task == null) {
      throw new LerobotException(
          "%s is of task %d, which %s does not have".formatted(where(), number, DatasetInfo.TASKS));
    }
    return task;
  }

  /** The picture of a camera, by the key of its feature. */
  CameraImage image(String key) {
    VideoFiles.Place place = current().videos.get(key);
    CameraImage image =
        place == null
            ? Png.decode(rows().picture(key, dataset), where() + ", " + key)
            : video(key, place.file())
                .at(place.fromSeconds() + frame / info.fps(), 0.5 / info.fps());
    Feature feature = info.features().get(key);
    if (feature != null && !feature.hasSize(image.width(), image.height())) {
      throw new LerobotException(
          "%s: the picture of %s is %dx%d, meta/info.json says %s"
              .formatted(where(), key, image.width(), image.height(), feature.shape()));
    }
    return image;
  }

  private VideoReader video(String key, FileNumber file) {
    Video video = videos.get(key);
    if (video == null || !video.file.equals(file)) {
      if (video != null) {
        video.reader.close();
        videos.remove(key);
      }
      video = new Video(file, new VideoReader(file.path(dataset, info.videoPath(), key)));
      videos.put(key, video);
    }
    return video.reader;
  }

  private Entry current() {
    if (episode == null) {
      throw new IllegalStateException("no episode was begun");
    }
    return episode;
  }

  private ParquetRows rows() {
    if (rows == null) {
      throw new IllegalStateException("no episode was begun");
    }
    return rows;
  }

  private void reopen(FileNumber data) {
    closeRows();
    rows = new ParquetRows(data.path(dataset, info.dataPath(), ""));
    open = data;
  }

  private void closeRows() {
    if (rows != null) {
      rows.close();
      rows = null;
    }
  }

  @Override
  public void close() {
    closeRows();
    videos.values().forEach(video -> video.reader.close());
    videos.clear();
  }
}
