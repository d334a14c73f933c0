package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Episode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The events of a bag's episode: how it began, ended and was labelled.
 *
 * @param topic name of the episode topic
 * @param first the event BEGUN
 * @param firstLogNanos when that was recorded
 * @param outcome the last one told
 */
record EpisodeEvents(
    String topic, Episode first, long firstLogNanos, EpisodeOutcome outcome, List<Episode> events) {
  /**
   * Reads the messages of a bag's episode topic.
   *
   * @param topics types by topic
   */
  static EpisodeEvents read(BagFiles files, Map<String, String> topics) {
    Set<String> names = BagFiles.ofType(topics, Episode.TYPE);
    if (names.size() != 1) {
      throw new EpisodeException(
          "%s has %s topic of type %s; its topics are %s. %s"
              .formatted(
                  files.bag(),
                  names.isEmpty() ? "no" : "more than one",
                  Episode.TYPE.name(),
                  topics,
                  names.isEmpty()
                      ? "Give a bag that the robot node recorded"
                      : "With several robots, record each robot's episodes into bags of their own"));
    }
    List<McapMessage> messages = new ArrayList<>();
    files.read(names, messages::add);
    List<Episode> events =
        messages.stream().map(message -> files.decode(Episode.TYPE, message)).toList();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i).event() == Episode.BEGUN) {
        return new EpisodeEvents(
            names.iterator().next(),
            events.get(i),
            messages.get(i).logNanos(),
            outcome(files, events.get(i).episodeId(), events),
            events);
      }
    }
    throw new EpisodeException(
        "%s does not tell how its episode began (no BEGUN on %s): where 'reverie rollouts verify' finds damage, 'recover' may bring it back; else leave the bag out"
            .formatted(files.bag(), names));
  }

  /** The outcome with which the episode ended, before anybody labelled it; empty where none is. */
  private Optional<EpisodeOutcome> ended() {
    return events.stream()
        .filter(event -> event.event() == Episode.ENDED)
        .reduce((_, last) -> last)
        .map(event -> EpisodeOutcome.of(event.outcome()));
  }

  /** The stamp at which the episode ended, before anybody labelled it; 0: none is told. */
  long endNanos() {
    return ended().map(EpisodeOutcome::stampNanos).orElse(0L);
  }

  /**
   * Returns when the outcome was reached, s since the episode's beginning; null where none is told.
   */
  @Nullable Double outcomeSeconds() {
    long stamp = outcome.stampNanos();
    return stamp == 0
        ? null
        : Math.round((stamp - Stamps.nanos(first.header().stamp())) * 1e-6) / 1000.0;
  }

  /**
   * Returns whether it is a success of which nobody said when it came: it was labelled as one after
   * it had ended otherwise, and its stamp is that of the end.
   */
  boolean late() {
    return outcome.success()
        && ended()
            .map(end -> !end.success() && end.stampNanos() == outcome.stampNanos())
            .orElse(outcome.stampNanos() == 0);
  }

  /**
   * The outcome that is told of the episode next, with its stamp. Where that is 0, a success keeps
   * the moment that was told of one before; any other outcome is one of the whole episode, whose
   * commands all count, and so is a success after it.
   */
  EpisodeOutcome next(EpisodeOutcome told) {
    boolean moment = outcome.success() && told.success();
    long stamp = moment || endNanos() == 0 ? outcome.stampNanos() : endNanos();
    return told.stampNanos() != 0
        ? told
        : new EpisodeOutcome(told.kind(), stamp, told.labeller(), told.reason());
  }

  private static EpisodeOutcome outcome(BagFiles files, String id, List<Episode> events) {
    EpisodeOutcome last = EpisodeOutcome.UNLABELLED;
    boolean begun = false;
    for (Episode event : events) {
      if (!event.episodeId().equals(id)) {
        throw new EpisodeException(
            "%s has the episodes '%s' and '%s' in one bag; give each its own"
                .formatted(files.bag(), id, event.episodeId()));
      }
      if (event.event() == Episode.BEGUN) {
        if (begun) {
          throw new EpisodeException(
              "%s tells twice how its episode began: of its files %s some are copies of others; remove those"
                  .formatted(files.bag(), files.files().stream().map(Path::getFileName).toList()));
        }
        begun = true;
        continue;
      }
      try {
        last = last.then(EpisodeOutcome.of(event.outcome()));
      } catch (IllegalArgumentException e) {
        throw new EpisodeException(files.bag() + ": " + e.getMessage(), e);
      }
    }
    return last;
  }
}
