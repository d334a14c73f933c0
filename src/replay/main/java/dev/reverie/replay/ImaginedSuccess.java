package dev.reverie.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.report.ReverieProcess;
import dev.reverie.rollout.AtomicFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Success inside a world model, from the frames of the replayed bags. The trainer does it, in a
 * process of its own: libtorch is not the robot's.
 *
 * @param models folder of auto-encoder and world model, as pretraining leaves them
 * @param training folder that a round's training left: aligned world model, reward classifier
 */
record ImaginedSuccess(Path models, Path training, long seed) {
  static final String LEARNED_FROM =
      "the world model or the classifier has learned from them, so that imagination may know their end";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Lets the trainer imagine, and adds what came of it to the episodes. */
  void add(List<EpisodeMeasures> episodes, Column column, Path bundle) {
    add(imagine(episodes, bundle), episodes, column);
  }

  /**
   * Adds what the trainer told.
   *
   * @param imagined its JSON
   */
  static void add(JsonNode imagined, List<EpisodeMeasures> episodes, Column column) {
    Map<String, EpisodeMeasures> byId = new HashMap<>();
    episodes.forEach(episode -> byId.put(episode.id, episode));
    for (JsonNode told : imagined.path("episodes")) {
      // An episode with gaps is told by its pieces.
      String id = told.path("id").asText().replaceFirst("#\\d+$", "");
      EpisodeMeasures episode = byId.get(id);
      if (episode != null) {
        episode.add(column, Measures.IMAGINED_BEGINNINGS, tally(told.path("beginning")));
        episode.add(column, Measures.IMAGINED_KEYFRAMES, tally(told.path("keyframes")));
        if (told.path("learned_from").asBoolean()) {
          episode.notes.add(LEARNED_FROM);
        }
      }
    }
  }

  private static Tally tally(JsonNode counts) {
    return new Tally(counts.path("successes").asInt(), counts.path("rollouts").asInt());
  }

  private JsonNode imagine(List<EpisodeMeasures> episodes, Path bundle) {
    try {
      Path folder = Files.createTempDirectory("reverie-imagined-");
      Path out = folder.resolve("success.json");
      Path bags = folder.resolve("bags.txt");
      try {
        Files.write(
            bags, episodes.stream().map(episode -> absolute(Path.of(episode.bag))).toList());
        try (var trainer = ReverieProcess.unprepared(command(bundle, folder, bags, out))) {
          trainer.join();
        }
        return JSON.readTree(out.toFile());
      } finally {
        AtomicFolder.delete(folder);
      }
    } catch (IOException e) {
      throw new ReplayException("imagined success: " + e, e);
    }
  }

  private List<String> command(Path bundle, Path folder, Path bags, Path out) {
    return List.of(
        "train",
        "imagine",
        "--bags",
        absolute(bags),
        "--bundle",
        absolute(bundle),
        "--models",
        absolute(models),
        "--work",
        absolute(training),
        "--cache",
        absolute(folder.resolve("cache")), // the run's folder stays as it is
        "--seed",
        Long.toString(seed),
        "--out",
        absolute(out));
  }

  private static String absolute(Path path) {
    return path.toAbsolutePath().normalize().toString();
  }
}
