package dev.reverie.lerobot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverie.policy.JsonWords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * meta/info.json: what a dataset has and where it lies.
 *
 * @param version of the format, "v3.0"
 * @param robotType name of the robot; empty where not told
 * @param fps frames a second
 * @param features by key, in the order of the file
 * @param dataPath of the frames' tables, with {chunk_index:03d} and {file_index:03d}
 * @param videoPath of the videos, with {video_key} too
 */
record DatasetInfo(
    String version,
    String robotType,
    long episodes,
    long frames,
    long tasks,
    double fps,
    SequencedMap<String, Feature> features,
    String dataPath,
    String videoPath) {
  static final String VERSION = "v3.0";
  static final String FILE = "meta/info.json";
  static final String TASKS = "meta/tasks.parquet";
  static final String STATS = "meta/stats.json";
  static final String EPISODES_FOLDER = "meta/episodes";
  static final String EPISODES_PATH =
      EPISODES_FOLDER + "/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
  static final String DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet";
  static final String VIDEO_PATH =
      "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4";

  /** LeRobot's own limits; files in a chunk's folder, and sizes after which a new file begins. */
  static final int FILES_PER_CHUNK = 1000;

  static final int DATA_FILE_MB = 100;
  static final int VIDEO_FILE_MB = 200;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PLACE = Pattern.compile("\\{(\\w+)(?::0(\\d)d)?\\}");

  DatasetInfo {
    features = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(features));
  }

  /**
   * Reads a dataset's meta/info.json.
   *
   * @throws LerobotException where there is none, or of another version
   */
  static DatasetInfo read(Path dataset) {
    Path file = dataset.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new LerobotException(
          "%s is no LeRobot dataset: it has no %s; give the folder that has data/ and meta/"
              .formatted(dataset, FILE));
    }
    return of(file, readJson(file));
  }

  static JsonNode readJson(Path file) {
    return readJson(file, JSON);
  }

  /** Python writes statistics of numbers that are none as NaN, which JSON has not. */
  static JsonNode readStatistics(Path file) {
    return readJson(
        file, JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build());
  }

  private static JsonNode readJson(Path file, ObjectMapper json) {
    LerobotException.requireFetched(file);
    try {
      return json.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new LerobotException(
          "%s is no JSON: %s; copy the dataset again".formatted(file, JsonWords.reason(e)), e);
    } catch (IOException e) {
      throw new LerobotException("cannot read %s: %s".formatted(file, e), e);
    }
  }

  private static DatasetInfo of(Path file, JsonNode node) {
    String version = node.path("codebase_version").asText("");
    if (!version.startsWith("v3.")) {
      throw new LerobotException(
          "%s says codebase_version '%s'; this version reads v3.0: convert it with LeRobot's %sconvert_dataset_v21_to_v30"
              .formatted(
                  file,
                  version,
                  version.equals("v2.0") ? "convert_dataset_v20_to_v21 and then " : ""));
    }
    double fps = node.path("fps").asDouble();
    if (!(fps > 0 && fps <= 1000)) {
      throw new LerobotException(
          "%s says %s fps; it takes a number above 0".formatted(file, node.path("fps")));
    }
    SequencedMap<String, Feature> features = new LinkedHashMap<>();
    node.path("features")
        .properties()
        .forEach(
            entry -> features.put(entry.getKey(), Feature.of(entry.getKey(), entry.getValue())));
    return new DatasetInfo(
        version,
        node.path("robot_type").asText(""),
        node.path("total_episodes").asLong(),
        node.path("total_frames").asLong(),
        node.path("total_tasks").asLong(),
        fps,
        features,
        node.path("data_path").asText(DATA_PATH),
        node.path("video_path").asText(VIDEO_PATH));
  }

  void write(Path dataset) throws IOException {
    SequencedMap<String, Object> json = new LinkedHashMap<>();
    json.put("codebase_version", version);
    json.put("robot_type", robotType.isEmpty() ? null : robotType);
    json.put("total_episodes", episodes);
    json.put("total_frames", frames);
    json.put("total_tasks", tasks);
    json.put("chunks_size", FILES_PER_CHUNK);
    json.put("data_files_size_in_mb", DATA_FILE_MB);
    json.put("video_files_size_in_mb", VIDEO_FILE_MB);
    json.put("fps", Math.round(fps));
    json.put("splits", Map.of("train", "0:" + episodes));
    json.put("data_path", dataPath);
    boolean videos = features.values().stream().anyMatch(Feature::video);
    json.put("video_path", videos ? videoPath : null);
    SequencedMap<String, Object> described = new LinkedHashMap<>();
    features.forEach((key, feature) -> described.put(key, feature.json()));
    json.put("features", described);
    writeJson(dataset.resolve(FILE), json);
  }

  /** Writes JSON as LeRobot does: four spaces a level. */
  static void writeJson(Path file, Map<String, ?> json) throws IOException {
    DefaultIndenter indenter = new DefaultIndenter("    ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    Files.writeString(file, JSON.writer(printer).writeValueAsString(json), StandardCharsets.UTF_8);
  }

  /**
   * A path of the dataset.
   *
   * @param template one of the paths above
   * @throws LerobotException where it would lead out of the dataset
   */
  static Path path(Path dataset, String template, String videoKey, long chunk, long file) {
    Matcher places = PLACE.matcher(template);
    StringBuilder name = new StringBuilder();
    while (places.find()) {
      String width = places.group(2) == null ? "" : "0" + places.group(2);
      String value =
          switch (places.group(1)) {
            case "chunk_index" -> ("%" + width + "d").formatted(chunk);
            case "file_index" -> ("%" + width + "d").formatted(file);
            case "video_key" -> videoKey;
            default ->
                throw new LerobotException(
                    "meta/info.json has the path '%s', and nobody tells what %s is"
                        .formatted(template, places.group()));
          };
      places.appendReplacement(name, Matcher.quoteReplacement(value));
    }
    places.appendTail(name);
    Path path = dataset.resolve(name.toString()).normalize();
    if (!path.startsWith(dataset.normalize())) {
      throw new LerobotException(
          "meta/info.json has the path '%s', which leads out of the dataset".formatted(template));
    }
    return path;
  }
}
