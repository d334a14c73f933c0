package dev.reverie.lerobot;

import dev.reverie.policy.Task;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/**
 * The origin and the outcome of an episode: columns "reverie/..." of a dataset's episodes, which
 * LeRobot carries along.
 *
 * @param episodeId as in the bag
 * @param source POLICY or TELEOP of {@link dev.reverie.msgs.reverie.Command}
 * @param policyId SHA-256 of the policy bundle; empty for teleop
 * @param bagSha256 of the bag's recordings, as in a bundle's lineage
 * @param task what a policy of the arm sees and moves, where the bag tells it
 */
record Lineage(
    String episodeId,
    String source,
    String policyId,
    double temperature,
    long seed,
    EpisodeOutcome.Kind outcome,
    String labeller,
    String reason,
    String bagSha256,
    Optional<Task> task) {
  private static final String ID = "reverie/episode_id";
  private static final String SOURCE = "reverie/source";
  private static final String POLICY = "reverie/policy_id";
  private static final String TEMPERATURE = "reverie/temperature";
  private static final String SEED = "reverie/seed";
  private static final String OUTCOME = "reverie/outcome";
  private static final String LABELLER = "reverie/labeller";
  private static final String REASON = "reverie/reason";
  private static final String BAG = "reverie/bag_sha256";
  private static final String TASK = "reverie/task"; // JSON; datasets of before do not have it

  static final List<String> COLUMNS =
      List.of(ID, SOURCE, POLICY, TEMPERATURE, SEED, OUTCOME, LABELLER, REASON, BAG);

  /**
   * The lineage of a piece of an episode.
   *
   * @param piece its number, from 0
   */
  static Lineage of(Episode episode, int piece) throws IOException {
    return new Lineage(
        piece == 0 ? episode.id() : episode.id() + "-" + (piece + 1),
        episode.source(),
        episode.policyId(),
        episode.temperature(),
        episode.seed(),
        episode.outcome().kind(),
        episode.outcome().labeller(),
        episode.outcome().reason(),
        sha256(episode.bag()),
        Task.recorded(
            EpisodeReader.open(episode.bag(), Alignment.DEFAULT).configuration(), episode.bag()));
  }

  /** Empty where the episode was not exported from a rollout. */
  static Optional<Lineage> read(ParquetRows rows) {
    if (!COLUMNS.stream().allMatch(rows::has)) {
      return Optional.empty();
    }
    return Optional.of(
        new Lineage(
            rows.text(ID),
            rows.text(SOURCE),
            rows.text(POLICY),
            rows.number(TEMPERATURE),
            rows.integer(SEED),
            outcome(rows.text(OUTCOME)),
            rows.text(LABELLER),
            rows.text(REASON),
            rows.text(BAG),
            Optional.of(TASK)
                .filter(rows::has)
                .map(rows::text)
                .filter(text -> !text.isEmpty())
                .map(text -> Task.parse(text, TASK))));
  }

  private static EpisodeOutcome.Kind outcome(String name) {
    for (EpisodeOutcome.Kind kind : EpisodeOutcome.Kind.values()) {
      if (word(kind).equals(name)) {
        return kind;
      }
    }
    throw new LerobotException(
        "an episode has the outcome '%s'; known are success, failure, aborted and unlabelled"
            .formatted(name));
  }

  private static String word(EpisodeOutcome.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  static SequencedMap<String, ParquetType> types() {
    SequencedMap<String, ParquetType> types = new LinkedHashMap<>();
    COLUMNS.forEach(name -> types.put(name, ParquetType.Leaf.STRING));
    types.put(TEMPERATURE, ParquetType.Leaf.DOUBLE);
    types.put(SEED, ParquetType.Leaf.INT64);
    types.put(TASK, ParquetType.Leaf.STRING);
    return types;
  }

  SequencedMap<String, Object> row() {
    SequencedMap<String, Object> row = new LinkedHashMap<>();
    row.put(ID, episodeId);
    row.put(SOURCE, source);
    row.put(POLICY, policyId);
    row.put(TEMPERATURE, temperature);
    row.put(SEED, seed);
    row.put(OUTCOME, word(outcome));
    row.put(LABELLER, labeller);
    row.put(REASON, reason);
    row.put(BAG, bagSha256);
    row.put(TASK, task.map(Task::json).orElse(""));
    return row;
  }

  private static String sha256(Path bag) throws IOException {
    try (Stream<Path> files = Files.isDirectory(bag) ? Files.list(bag) : Stream.of(bag)) {
      return Sha256.ofFiles(
          files
              .filter(file -> file.toString().endsWith(".mcap") && !Files.isDirectory(file))
              .sorted()
              .toList());
    }
  }
}
