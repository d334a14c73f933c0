package dev.reverie.rollout;

import dev.reverie.mcap.McapMetadata;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.reverie.Episode;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A metadata record in a bag's end that sums up what its messages tell about the episode, so that
 * thousands of bags can be listed without reading a message. The last one of a bag holds, if it
 * knows of all messages about the episode.
 *
 * @param events messages of the type Episode that it sums up
 * @param begunNanos log time of BEGUN
 * @param calibration see {@link CalibrationHash}
 */
record EpisodeSummaryRecord(
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

  private static EpisodeSummaryRecord begun(Episode event, long logNanos) {
    return new EpisodeSummaryRecord(
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
   * The summary after one more event.
   *
   * @throws IllegalArgumentException where it has an outcome that is none
   */
  EpisodeSummaryRecord after(Episode event) {
    EpisodeOutcome next =
        event.event() == Episode.BEGUN ? outcome : outcome.then(EpisodeOutcome.of(event.outcome()));
    return new EpisodeSummaryRecord(
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

  /** Takes the bag's own record, or else sums up its messages. */
  static EpisodeSummaryRecord read(BagFiles files) {
    BagIndex index = BagIndex.read(files);
    return index.summary().orElseGet(() -> read(files, index.topics()));
  }

  /**
   * Sums up the messages of a bag, whatever its own record says.
   *
   * @param topics types by topic
   */
  static EpisodeSummaryRecord read(BagFiles files, Map<String, String> topics) {
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
    return new EpisodeSummaryRecord(
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

  private EpisodeSummaryRecord withCalibration(String sha256) {
    return new EpisodeSummaryRecord(
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

  /** Empty where the record is another one, or one that is not understood. */
  static Optional<EpisodeSummaryRecord> of(McapMetadata metadata) {
    Map<String, String> values = metadata.values();
    if (!metadata.name().equals(RECORD)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new EpisodeSummaryRecord(
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

  /** Sums up an episode while its bag is written. */
  static final class Builder {
    private final CalibrationHash calibration = new CalibrationHash();
    private @Nullable EpisodeSummaryRecord summary;

    void see(String topic, String type, long logNanos, MemorySegment cdr) {
      if (type.equals(Episode.TYPE.name())) {
        try {
          Episode event = Episode.TYPE.decode(cdr);
          if (summary != null) {
            summary = summary.after(event);
          } else if (event.event() == Episode.BEGUN) {
            summary = begun(event, logNanos);
          }
        } catch (CdrException | IllegalArgumentException e) {
          // Who reads the message is told what is wrong with it; the summary no longer counts all.
        }
      } else {
        calibration.add(topic, type, cdr);
      }
    }

    /** Empty where no episode began. */
    Optional<EpisodeSummaryRecord> build() {
      return Optional.ofNullable(summary).map(told -> told.withCalibration(calibration.sha256()));
    }
  }
}
