package dev.reverie.rollout;

import dev.reverie.msgs.reverie.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds by stamp which joint state and which pictures belong to a command.
 *
 * @param cameras names of those whose pictures are looked for
 */
record StampMatcher(
    Alignment alignment, EpisodeTopics topics, Set<String> cameras, EpisodeMessages messages) {
  /**
   * The observation that a command answers, or the reason why it is not in the bag.
   *
   * @param why empty where the stamps are there
   */
  record Match(Optional<ObservationStamps> stamps, String why) {
    static Match of(ObservationStamps stamps) {
      return new Match(Optional.of(stamps), "");
    }

    static Match none(String why) {
      return new Match(Optional.empty(), why);
    }
  }

  /**
   * Finds the observation that each command answers, [T], and the one after the last command.
   *
   * @param endNanos stamp of the outcome; 0: none is told
   */
  List<Match> observed(long endNanos) {
    List<Match> matches = new ArrayList<>();
    for (Command command : messages.commands()) {
      matches.add(match(EpisodeMessages.stampNanos(command)));
    }
    matches.add(last(messages.commands().getLast(), endNanos));
    return matches;
  }

  private Match match(long stamp) {
    NavigableSet<Long> joints = messages.jointPositions().navigableKeySet();
    long joint = nearest(joints, stamp, alignment.joints());
    if (joint < 0) {
      return Match.none(
          unobserved(
              stamp,
              "joint state on " + String.join(", ", topics.joints()),
              alignment.joints(),
              joints));
    }
    Map<String, Long> images = new HashMap<>();
    for (String camera : cameras) {
      String topic = Objects.requireNonNull(topics.cameras().get(camera));
      NavigableSet<Long> stamps = imageStamps(topic);
      long image = nearest(stamps, stamp, alignment.images());
      if (image < 0) {
        return Match.none(unobserved(stamp, "image on " + topic, alignment.images(), stamps));
      }
      images.put(topic, image);
    }
    return Match.of(new ObservationStamps(stamp, joint, images));
  }

  /** The observation one period after the last command, or what comes nearest to it. */
  private Match last(Command command, long endNanos) {
    long stamp = EpisodeMessages.stampNanos(command);
    long target = stamp + messages.periodNanos().orElse(EpisodeMessages.USUAL_PERIOD_NANOS);
    long until = endNanos == 0 ? Long.MAX_VALUE : endNanos + alignment.joints().toNanos();
    NavigableSet<Long> later =
        messages
            .jointPositions()
            .navigableKeySet()
            .subSet(stamp, false, until == Long.MAX_VALUE ? until - 1 : until, true);
    long joint = nearest(later, target, Duration.ofNanos(Long.MAX_VALUE));
    if (joint < 0) {
      return Match.none("no observation after it");
    }
    Map<String, Long> images = new HashMap<>();
    for (String camera : cameras) {
      String topic = Objects.requireNonNull(topics.cameras().get(camera));
      long image = nearest(imageStamps(topic).tailSet(stamp, false), joint, alignment.images());
      if (image < 0) {
        return Match.none("no observation after it");
      }
      images.put(topic, image);
    }
    return Match.of(new ObservationStamps(joint, joint, images));
  }

  private NavigableSet<Long> imageStamps(String topic) {
    return messages.imageStamps().getOrDefault(topic, new TreeSet<>());
  }

  private static String unobserved(
      long stamp, String what, Duration tolerance, NavigableSet<Long> stamps) {
    long nearest = nearest(stamps, stamp, Duration.ofNanos(Long.MAX_VALUE));
    String found =
        nearest < 0
            ? "there is none at all"
            : "the nearest is %.1f ms away".formatted((nearest - stamp) * 1e-6);
    return "no %s within %.0f ms of %d ns, which it answers: %s"
        .formatted(what, tolerance.toNanos() * 1e-6, stamp, found);
  }

  /** The stamp nearest to the target; -1 where none is within the tolerance. */
  private static long nearest(NavigableSet<Long> stamps, long target, Duration tolerance) {
    Long before = stamps.floor(target);
    Long after = stamps.ceiling(target);
    long nearest = -1;
    if (before != null && (after == null || target - before <= after - target)) {
      nearest = before;
    } else if (after != null) {
      nearest = after;
    }
    return nearest >= 0 && Math.abs(nearest - target) <= tolerance.toNanos() ? nearest : -1;
  }
}
