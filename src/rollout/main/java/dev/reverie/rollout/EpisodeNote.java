package dev.reverie.rollout;

import dev.reverie.mcap.McapMetadata;
import dev.reverie.msgs.reverie.Episode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the messages of a bag tell about its episode, noted in a metadata record at its end, so that
 * thousands of bags can be listed without reading a message. The last note of a bag holds, if it
 * knows of all messages about the episode.
 *
 * @param events messages of the type Episode that it sums up
 * @param begunNanos log time of BEGUN
 * @param calibration see {@link CalibrationHash}
 */
record EpisodeNote(
    long events,
    String id,
    String instruction,
    String source,
    String policyId,
    float temperature,
    long seed,
    long begunNanos,
    EpisodeOutcome outcome,
    String calibration) {
  static final String RECORD = "reverie_episode";

  static EpisodeNote begun(Episode event, long logNanos) {
    return new EpisodeNote(
        1,
        event.episodeId(),
        event.instruction(),
        event.source(),
        event.policyId(),
        event.temperature(),
        event.seed(),
        logNanos,
        EpisodeOutcome.UNLABELLED,
        "");
  }

  /**
   * @throws IllegalArgumentException where the event has an outcome that is none
   */
  EpisodeNote after(Episode event) {
    EpisodeOutcome next =
        event.event() == Episode.BEGUN ? outcome : outcome.then(EpisodeOutcome.of(event.outcome()));
    return new EpisodeNote(
        events + 1,
        id,
        instruction,
        source,
        policyId,
        temperature,
        seed,
        begunNanos,
        next,
        calibration);
  }

  /** What holds now: the bag's own note, or else what its messages tell. */
  static EpisodeNote read(BagFiles files) {
    BagIndex index = BagIndex.read(files);
    return index.note().orElseGet(() -> read(files, index.topics()));
  }

  /**
   * From the messages alone.
   *
   * @param topics types by topic
   */
  static EpisodeNote read(BagFiles files, Map<String, String> topics) {
    EpisodeEvents told = EpisodeEvents.read(files, topics);
    CalibrationHash calibration = new CalibrationHash();
    Set<String> counting = new HashSet<>(topics.keySet());
    counting.removeIf(topic -> !CalibrationHash.counts(topic, topics.getOrDefault(topic, "")));
    if (!counting.isEmpty()) {
      files.readFirst(
          counting,
          message -> {
            String topic = message.channel().topic();
            calibration.add(topic, topics.getOrDefault(topic, ""), message.data());
          });
    }
    Episode first = told.first();
    return new EpisodeNote(
        told.events().size(),
        first.episodeId(),
        first.instruction(),
        first.source(),
        first.policyId(),
        first.temperature(),
        first.seed(),
        told.firstLogNanos(),
        told.outcome(),
        calibration.sha256());
  }

  EpisodeNote withCalibration(String sha256) {
    return new EpisodeNote(
        events, id, instruction, source, policyId, temperature, seed, begunNanos, outcome, sha256);
  }

  McapMetadata metadata() {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("events", Long.toString(events));
    values.put("episode_id", id);
    values.put("instruction", instruction);
    values.put("source", source);
    values.put("policy_id", policyId);
    values.put("temperature", Float.toString(temperature));
    values.put("seed", Long.toUnsignedString(seed));
    values.put("begun_nanos", Long.toString(begunNanos));
    values.put("outcome", RolloutTable.word(outcome.kind()));
    values.put("outcome_nanos", Long.toString(outcome.stampNanos()));
    values.put("labeller", outcome.labeller());
    values.put("reason", outcome.reason());
    values.put("calibration_sha256", calibration);
    return new McapMetadata(RECORD, values);
  }

  /** Empty where the record is no note, or one that is not understood. */
  static Optional<EpisodeNote> of(McapMetadata metadata) {
    Map<String, String> values = metadata.values();
    if (!metadata.name().equals(RECORD)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new EpisodeNote(
              Long.parseLong(values.getOrDefault("events", "")),
              values.getOrDefault("episode_id", ""),
              values.getOrDefault("instruction", ""),
              values.getOrDefault("source", ""),
              values.getOrDefault("policy_id", ""),
              Float.parseFloat(values.getOrDefault("temperature", "")),
              Long.parseUnsignedLong(values.getOrDefault("seed", "")),
              Long.parseLong(values.getOrDefault("begun_nanos", "")),
              new EpisodeOutcome(
                  EpisodeOutcome.Kind.valueOf(
                      values.getOrDefault("outcome", "").toUpperCase(Locale.ROOT)),
                  Long.parseLong(values.getOrDefault("outcome_nanos", "")),
                  values.getOrDefault("labeller", ""),
                  values.getOrDefault("reason", "")),
              values.getOrDefault("calibration_sha256", "")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
