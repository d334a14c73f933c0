package dev.reverie.mcap;

import java.util.Set;

/**
 * Says which messages are wanted.
 *
 * @param topics empty: all
 * @param fromNanos first log time
 * @param untilNanos log time that is no longer wanted
 */
public record McapQuery(Set<String> topics, long fromNanos, long untilNanos) {
  /** Asks for every message. */
  public static final McapQuery ALL = new McapQuery(Set.of(), 0, Long.MAX_VALUE);

  /** Copies the topics. */
  public McapQuery {
    topics = Set.copyOf(topics);
  }

  /** Asks for all messages of these topics. */
  public static McapQuery topics(String... topics) {
    return new McapQuery(Set.of(topics), 0, Long.MAX_VALUE);
  }

  /** Asks for all messages of these topics; of all topics where the set is empty. */
  public static McapQuery topics(Set<String> topics) {
    return new McapQuery(topics, 0, Long.MAX_VALUE);
  }

  /** Returns the same with other bounds of log time, the second one excluded. */
  public McapQuery between(long fromNanos, long untilNanos) {
    return new McapQuery(topics, fromNanos, untilNanos);
  }

  /** Returns whether a chunk may hold wanted messages, as far as its index tells. */
  boolean wants(ChunkIndex chunk, Catalogue catalogue) {
    if (chunk.endNanos() < fromNanos || chunk.startNanos() >= untilNanos) {
      return false;
    }
    return topics.isEmpty()
        || chunk.messageIndexOffsets().isEmpty()
        || chunk.messageIndexOffsets().keySet().stream()
            .map(catalogue::channel)
            .anyMatch(channel -> channel == null || topics.contains(channel.topic()));
  }

  boolean wants(McapChannel channel, long logNanos) {
    return logNanos >= fromNanos
        && logNanos < untilNanos
        && (topics.isEmpty() || topics.contains(channel.topic()));
  }
}
