package dev.reverie.rollout;

import dev.reverie.mcap.McapMessage;
import dev.reverie.msgs.reverie.Episode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
