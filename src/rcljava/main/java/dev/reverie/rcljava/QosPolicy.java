package dev.reverie.rcljava;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;

/** Names one policy of a {@link Qos}, as a parameter tells it: words, a number, or nanoseconds. */
public enum QosPolicy {
  /** The number of messages kept. */
  DEPTH(q -> (long) q.depth(), (q, v) -> q.withHistory(q.history(), Math.toIntExact((long) v))),
  /** The history: {@code keep_last}, {@code keep_all}. */
  HISTORY(q -> word(q.history()), (q, v) -> q.withHistory(of(Qos.History.values(), v), q.depth())),
  /** The reliability: {@code reliable}, {@code best_effort}. */
  RELIABILITY(
      q -> word(q.reliability()), (q, v) -> q.withReliability(of(Qos.Reliability.values(), v))),
  /** The durability: {@code volatile}, {@code transient_local}. */
  DURABILITY(q -> word(q.durability()), (q, v) -> q.withDurability(of(Qos.Durability.values(), v))),
  /** The deadline, in ns. */
  DEADLINE(q -> nanos(q.deadline()), (q, v) -> q.withDeadline(Duration.ofNanos((long) v))),
  /** The lifespan, in ns; of publishers only. */
  LIFESPAN(q -> nanos(q.lifespan()), (q, v) -> q.withLifespan(Duration.ofNanos((long) v))),
  /** The liveliness: {@code automatic}, {@code manual_by_topic}. */
  LIVELINESS(
      q -> word(q.liveliness()),
      (q, v) -> q.withLiveliness(of(Qos.Liveliness.values(), v), q.lease())),
  /** The lease of the liveliness, in ns. */
  LIVELINESS_LEASE_DURATION(
      q -> nanos(q.lease()),
      (q, v) -> q.withLiveliness(q.liveliness(), Duration.ofNanos((long) v)));

  private final Function<Qos, Object> read;
  private final BiFunction<Qos, Object, Qos> write;

  QosPolicy(Function<Qos, Object> read, BiFunction<Qos, Object, Qos> write) {
    this.read = read;
    this.write = write;
  }

  /** Returns the name of its parameter. */
  String parameter() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns its value: a String or a Long. */
  Object of(Qos qos) {
    return read.apply(qos);
  }

  /**
   * Returns the same with another value.
   *
   * @throws IllegalArgumentException when the value means nothing
   */
  Qos with(Qos qos, Object value) {
    return write.apply(qos, value);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static long nanos(Duration value) {
    return value.toNanos();
  }

  private static <E extends Enum<E>> E of(E[] values, Object word) {
    List<E> known = Arrays.stream(values).filter(v -> !v.name().equals("UNKNOWN")).toList();
    return known.stream()
        .filter(value -> word(value).equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "give one of " + known.stream().map(QosPolicy::word).toList()));
  }
}
