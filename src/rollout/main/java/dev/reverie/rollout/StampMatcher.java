package dev.reverie.rollout;

import dev.reverie.msgs.reverie.Command;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds by stamp which joint state and which picture of each camera belong to a command. */
record StampMatcher(Alignment alignment, EpisodeTopics topics, EpisodeMessages messages) {
  /**
   * Finds the observation that each command answers, and the one after the last command.
   *
   * @param endNanos stamp of the outcome; 0: none is told
   * @throws EpisodeException where a command has no observation within the tolerance
   */
  List<ObservationStamps> observed(long endNanos) {
    NavigableSet<Long> joints = messages.jointPositions().navigableKeySet();
    List<ObservationStamps> observed = new ArrayList<>();
    for (Command command : messages.commands()) {
      long stamp = EpisodeMessages.stampNanos(command);
      long joint = nearest(joints, stamp, alignment.joints());
      if (joint < 0) {
        throw unobserved(command, "joint state on " + topics.joints(), joints);
      }
      Map<String, Long> images = new HashMap<>();
      for (String topic : topics.cameras().values()) {
        NavigableSet<Long> stamps = imageStamps(topic);
        long image = nearest(stamps, stamp, alignment.images());
        if (image < 0) {
          throw unobserved(command, "image on " + topic, stamps);
        }
        images.put(topic, image);
      }
      observed.add(new ObservationStamps(stamp, joint, images));
    }
    ObservationStamps last = last(messages.commands().getLast(), endNanos);
    if (last != null) {
      observed.add(last);
    }
    if (observed.size() < 2) {
      throw new EpisodeException(
          messages.bag()
              + " has one command and no observation after it: nothing can be learnt from it; leave the bag out");
    }
    return observed; // without an observation after it, the last command does not count
  }

  /** The observation one period after the last command, or what comes nearest to it. */
  private @Nullable ObservationStamps last(Command command, long endNanos) {
    long stamp = EpisodeMessages.stampNanos(command);
    long target = stamp + messages.periodNanos();
    long until = endNanos == 0 ? Long.MAX_VALUE : endNanos + alignment.joints().toNanos();
    NavigableSet<Long> later =
        messages
            .jointPositions()
            .navigableKeySet()
            .subSet(stamp, false, until == Long.MAX_VALUE ? until - 1 : until, true);
    long joint = nearest(later, target, Duration.ofNanos(Long.MAX_VALUE));
    if (joint < 0) {
      return null;
    }
    Map<String, Long> images = new HashMap<>();
    for (String topic : topics.cameras().values()) {
      long image = nearest(imageStamps(topic).tailSet(stamp, false), joint, alignment.images());
      if (image < 0) {
        return null;
      }
      images.put(topic, image);
    }
    return new ObservationStamps(joint, joint, images);
  }

  private NavigableSet<Long> imageStamps(String topic) {
    return messages.imageStamps().getOrDefault(topic, new TreeSet<>());
  }

  private EpisodeException unobserved(Command command, String what, NavigableSet<Long> stamps) {
    long stamp = EpisodeMessages.stampNanos(command);
    long nearest = nearest(stamps, stamp, Duration.ofNanos(Long.MAX_VALUE));
    String found =
        nearest < 0
            ? "there is none at all"
            : "the nearest is %.1f ms away".formatted((nearest - stamp) * 1e-6);
    return new EpisodeException(
        "%s: command %d answers the observation of %d ns, but no %s is within the tolerance of %s: %s; leave the bag out"
            .formatted(messages.bag(), command.tick(), stamp, what, alignment, found));
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
