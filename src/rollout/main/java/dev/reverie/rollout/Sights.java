package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds by stamp which joint state and which picture of each camera belong to a command.
 *
 * @param joints stamps of the joint states
 * @param cameras topics, each with the stamps of its pictures in {@code images}, if it has any
 */
record Sights(
    Path bag,
    Alignment alignment,
    String jointTopic,
    NavigableSet<Long> joints,
    Collection<String> cameras,
    Map<String, NavigableSet<Long>> images) {

  /** Stamps of the messages that make up one observation. */
  record Sight(long jointStamp, Map<String, Long> imageStamps) {}

  /**
   * What belongs to each command, and to the moment after the last one.
   *
   * @param endNanos stamp of the outcome; 0: none is told
   * @throws EpisodeException where a command has no observation within the tolerance
   */
  List<Sight> of(List<Command> commands, long periodNanos, long endNanos) {
    List<Sight> sights = new ArrayList<>();
    for (Command command : commands) {
      long stamp = stamp(command);
      long joint = nearest(joints, stamp, alignment.joints());
      if (joint < 0) {
        throw unobserved(command, "joint state on " + jointTopic, joints);
      }
      Map<String, Long> pictures = new HashMap<>();
      for (String topic : cameras) {
        NavigableSet<Long> stamps = images.getOrDefault(topic, new TreeSet<>());
        long image = nearest(stamps, stamp, alignment.images());
        if (image < 0) {
          throw unobserved(command, "image on " + topic, stamps);
        }
        pictures.put(topic, image);
      }
      sights.add(new Sight(joint, pictures));
    }
    Sight last = last(commands.getLast(), periodNanos, endNanos);
    if (last != null) {
      sights.add(last);
    }
    if (sights.size() < 2) {
      throw new EpisodeException(
          bag
              + " has one command and no observation after it: nothing can be learnt from it; leave the bag out");
    }
    return sights; // without an observation after it, the last command does not count
  }

  /** The observation one period after the last command, or what comes nearest to it. */
  private @Nullable Sight last(Command command, long periodNanos, long endNanos) {
    long stamp = stamp(command);
    long target = stamp + periodNanos;
    long until = endNanos == 0 ? Long.MAX_VALUE : endNanos + alignment.joints().toNanos();
    NavigableSet<Long> later =
        joints.subSet(stamp, false, until == Long.MAX_VALUE ? until - 1 : until, true);
    long joint = nearest(later, target, Duration.ofNanos(Long.MAX_VALUE));
    if (joint < 0) {
      return null;
    }
    Map<String, Long> pictures = new HashMap<>();
    for (String topic : cameras) {
      NavigableSet<Long> stamps = images.getOrDefault(topic, new TreeSet<>()).tailSet(stamp, false);
      long image = nearest(stamps, joint, alignment.images());
      if (image < 0) {
        return null;
      }
      pictures.put(topic, image);
    }
    return new Sight(joint, pictures);
  }

  private EpisodeException unobserved(Command command, String what, NavigableSet<Long> stamps) {
    long stamp = stamp(command);
    long nearest = nearest(stamps, stamp, Duration.ofNanos(Long.MAX_VALUE));
    String found =
        nearest < 0
            ? "there is none at all"
            : "the nearest is %.1f ms away".formatted((nearest - stamp) * 1e-6);
    return new EpisodeException(
        "%s: command %d answers the observation of %d ns, but no %s is within the tolerance of %s: %s; leave the bag out"
            .formatted(bag, command.tick(), stamp, what, alignment, found));
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

  static long stamp(Command command) {
    return Stamps.nanos(command.header().stamp());
  }
}
