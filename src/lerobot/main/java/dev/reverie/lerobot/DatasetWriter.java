package dev.reverie.lerobot;

import dev.reverie.rollout.CameraImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Writes a dataset: frames, pictures and metadata, one episode after the other. The same episodes
 * give the same bytes. Only a finished and closed one can be read.
 */
final class DatasetWriter implements AutoCloseable {
  /** Bytes after which a new file begins. */
  record FileLimits(long tableBytes, long videoBytes) {
    static final FileLimits LEROBOT =
        new FileLimits(
            (long) DatasetInfo.DATA_FILE_MB << 20, (long) DatasetInfo.VIDEO_FILE_MB << 20);
  }

  private final Path dataset;
  private final Layout layout;
  private final String robotType;
  private final SequencedMap<String, Feature> features;
  private final TableFiles frames;
  private final EpisodeTable episodes;
  private final Map<String, VideoFiles> cameras = new LinkedHashMap<>();
  private final SequencedMap<String, Integer> tasks = new LinkedHashMap<>();
  private final SequencedMap<String, FeatureStats> total = new LinkedHashMap<>();
  private long episodeCount;
  private long frameCount;

  /**
   * Begins a dataset.
   *
   * @param dataset an empty folder
   * @param videos whether pictures become videos; else they lie in the table, as PNG
   * @param robotType may be empty
   * @param limits of its files
   */
  DatasetWriter(Path dataset, Layout layout, boolean videos, String robotType, FileLimits limits)
      throws IOException {
    this.dataset = dataset;
    this.layout = layout;
    this.robotType = robotType;
    features = DatasetFeatures.of(layout, videos);
    frames =
        new TableFiles(
            dataset,
            DatasetInfo.DATA_PATH,
            DatasetFeatures.types(features),
            DatasetFeatures.metadata(features),
            limits.tableBytes());
    episodes = new EpisodeTable(dataset, features, limits.tableBytes());
    for (Map.Entry<String, Layout.CameraSize> camera : layout.cameras().entrySet()) {
      if (videos) {
        String key = Keys.IMAGES + camera.getKey();
        cameras.put(
            camera.getKey(),
            new VideoFiles(dataset, key, camera.getValue(), layout.fps(), limits.videoBytes()));
      }
    }
  }

  /** Appends an episode. */
  void add(ExportedEpisode episode, String instruction, Lineage lineage) throws IOException {
    int task = tasks.computeIfAbsent(instruction, text -> tasks.size());
    SequencedMap<String, List<double[]>> columns = new LinkedHashMap<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int t = 0; t < episode.frames(); t++) {
      SequencedMap<String, double[]> frame = episode.frame(t);
      frame.put(Keys.EPISODE, new double[] {episodeCount});
      frame.put(Keys.INDEX, new double[] {frameCount + t});
      frame.put(Keys.TASK, new double[] {task});
      Map<String, Object> row = new HashMap<>();
      frame.forEach(
          (key, numbers) -> {
            columns.computeIfAbsent(key, name -> new ArrayList<>()).add(numbers);
            row.put(key, DatasetFeatures.value(feature(key), numbers));
          });
      row.put(Keys.STAMP, episode.stampNanos(t)); // a double would round it
      rows.add(row);
    }
    SequencedMap<String, FeatureStats> stats = new LinkedHashMap<>();
    columns.forEach((key, values) -> stats.put(key, FeatureStats.of(values)));
    Map<String, Object> entry = new HashMap<>(lineage.row());
    for (String camera : layout.cameras().keySet()) {
      List<CameraImage> images = new ArrayList<>();
      for (int t = 0; t < episode.frames(); t++) {
        images.add(episode.image(t, camera));
      }
      stats.put(Keys.IMAGES + camera, statistics(images));
      store(camera, images, rows, entry);
    }
    EpisodeTable.place(entry, "data", frames.next());
    frames.write(rows);
    entry.put("episode_index", episodeCount);
    entry.put("tasks", List.of(instruction));
    entry.put("length", (long) rows.size());
    entry.put("dataset_from_index", frameCount);
    entry.put("dataset_to_index", frameCount + rows.size());
    stats.forEach(
        (key, stat) -> {
          stat.json(feature(key).camera())
              .forEach((name, value) -> entry.put(EpisodeTable.statistic(key, name), value));
          total.merge(key, stat, FeatureStats::and);
        });
    episodes.add(entry);
    episodeCount++;
    frameCount += rows.size();
  }

  private void store(
      String camera,
      List<CameraImage> images,
      List<Map<String, Object>> rows,
      Map<String, Object> entry)
      throws IOException {
    String key = Keys.IMAGES + camera;
    VideoFiles files = cameras.get(camera);
    if (files != null) {
      VideoFiles.Place place = files.write(images);
      EpisodeTable.place(entry, "videos/" + key, place.file());
      entry.put("videos/" + key + "/from_timestamp", place.fromSeconds());
      entry.put(
          "videos/" + key + "/to_timestamp",
          place.fromSeconds() + (double) images.size() / layout.fps());
      return;
    }
    for (int t = 0; t < images.size(); t++) {
      Map<String, Object> picture =
          Map.of("bytes", Png.encode(images.get(t)), "path", "frame-%06d.png".formatted(t));
      rows.get(t).put(key, picture);
    }
  }

  private static FeatureStats statistics(List<CameraImage> images) {
    long[][] histogram = new long[3][256];
    for (CameraImage image : images) {
      byte[] rgb = image.rgb();
      for (int i = 0; i < rgb.length; i++) {
        histogram[i % 3][rgb[i] & 0xFF]++;
      }
    }
    return FeatureStats.ofPixels(images.size(), histogram);
  }

  private Feature feature(String key) {
    Feature feature = features.get(key);
    if (feature == null) {
      throw new IllegalStateException("the dataset has no feature " + key);
    }
    return feature;
  }

  /** Writes what concerns all episodes, and says how many frames there are. */
  long finish() throws IOException {
    episodes.finish();
    new DatasetInfo(
            DatasetInfo.VERSION,
            robotType,
            episodeCount,
            frameCount,
            tasks.size(),
            layout.fps(),
            features,
            DatasetInfo.DATA_PATH,
            DatasetInfo.VIDEO_PATH)
        .write(dataset);
    SequencedMap<String, Object> stats = new LinkedHashMap<>();
    features.forEach(
        (key, feature) -> {
          FeatureStats stat = total.get(key);
          if (stat != null) {
            stats.put(key, stat.json(feature.camera()));
          }
        });
    DatasetInfo.writeJson(dataset.resolve(DatasetInfo.STATS), stats);
    Tasks.write(dataset, tasks);
    return frameCount;
  }

  @Override
  public void close() throws IOException {
    try (frames;
        episodes) {
      cameras.values().forEach(VideoFiles::close);
    }
  }
}
