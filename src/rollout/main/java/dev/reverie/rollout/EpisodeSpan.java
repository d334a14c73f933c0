package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.sensor_msgs.JointState;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The span of an episode, in the clock of its observations.
 *
 * @param beginNanos stamp of its first observation
 * @param endNanos stamp at which it ended; of the last observation or command where none is told
 */
record EpisodeSpan(Path bag, long beginNanos, long endNanos) {
  /**
   * Reads it from a bag.
   *
   * @throws EpisodeException where the bag is not a whole episode
   */
  static EpisodeSpan read(Path bag) {
    BagFiles files = new BagFiles(bag);
    return of(files, EpisodeEvents.read(files, files.topics()));
  }

  static EpisodeSpan of(BagFiles files, EpisodeEvents events) {
    long begin = Stamps.nanos(events.first().header().stamp());
    long end = events.endNanos();
    return new EpisodeSpan(files.bag(), begin, end != 0 ? end : newest(files));
  }

  private static long newest(BagFiles files) {
    Map<String, String> types = files.topics();
    Set<String> commands = BagFiles.ofType(types, Command.TYPE);
    Set<String> wanted = new HashSet<>(commands);
    wanted.addAll(BagFiles.ofType(types, JointState.TYPE));
    long[] newest = {0};
    files.read(
        wanted,
        message -> {
          var header =
              commands.contains(message.channel().topic())
                  ? files.decode(Command.TYPE, message).header()
                  : files.decode(JointState.TYPE, message).header();
          newest[0] = Math.max(newest[0], Stamps.nanos(header.stamp()));
        });
    return newest[0];
  }

  /**
   * The stamp of a moment.
   *
   * @param seconds from the beginning on
   * @throws EpisodeException where the episode has no such moment
   */
  long at(double seconds) {
    long stamp = beginNanos + Math.round(seconds * 1e9);
    if (!Double.isFinite(seconds) || !goesOn(stamp)) {
      throw outside(seconds);
    }
    return stamp;
  }

  /**
   * Refuses a stamp at which the episode did not go on: what came then did not come of an action.
   */
  void require(long stampNanos) {
    if (!goesOn(stampNanos)) {
      throw outside((stampNanos - beginNanos) * 1e-9);
    }
  }

  private boolean goesOn(long stampNanos) {
    return stampNanos > beginNanos && stampNanos <= endNanos;
  }

  private EpisodeException outside(double seconds) {
    return new EpisodeException(
        "%s: %.3f s from its beginning is no moment of the episode; give one after 0 s, and %.3f s at most"
            .formatted(bag, seconds, (endNanos - beginNanos) * 1e-9));
  }
}
