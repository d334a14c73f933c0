package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.time.Duration;

/**
 * Describes the quality of service of a topic or a service (REP 2003 and {@code
 * rmw_qos_profile_t}).
 *
 * @param depth number of messages kept; counts with {@link History#KEEP_LAST} only
 * @param deadline the longest time between two messages; {@link #UNSPECIFIED}: the middleware's own
 * @param lifespan after this a message is not delivered any more; {@link #UNSPECIFIED}: the
 *     middleware's own
 * @param lease the time within which a publisher has to say that it lives; {@link #UNSPECIFIED}:
 *     the middleware's own
 */
public record Qos(
    History history,
    int depth,
    Reliability reliability,
    Durability durability,
    Duration deadline,
    Duration lifespan,
    Liveliness liveliness,
    Duration lease) {
  /** A duration that is left to the middleware, for which it is endless. */
  public static final Duration UNSPECIFIED = Duration.ZERO;

  /** Says which messages are kept for a slow reader, in the order of rmw. */
  public enum History {
    /** The middleware's own. */
    SYSTEM_DEFAULT,
    /** The newest, as many as the depth says. */
    KEEP_LAST,
    /** All, as many as the middleware has room for. */
    KEEP_ALL,
    /** Reported by a remote endpoint that hides its policy. */
    UNKNOWN
  }

  /** Says whether lost messages are sent again, in the order of rmw. */
  public enum Reliability {
    /** The middleware's own. */
    SYSTEM_DEFAULT,
    /** Lost messages are sent again. */
    RELIABLE,
    /** Lost messages stay lost. */
    BEST_EFFORT,
    /** Reported by a remote endpoint that hides its policy. */
    UNKNOWN,
    /** Reliable where that fits all endpoints that are there; not on humble. */
    BEST_AVAILABLE
  }

  /** Says whether late subscribers get the messages that are still kept, in the order of rmw. */
  public enum Durability {
    /** The middleware's own. */
    SYSTEM_DEFAULT,
    /** Late subscriptions get what was published before. */
    TRANSIENT_LOCAL,
    /** Late subscriptions get what comes. */
    VOLATILE,
    /** Reported by a remote endpoint that hides its policy. */
    UNKNOWN,
    /** Transient local where that fits all endpoints that are there; not on humble. */
    BEST_AVAILABLE
  }

  /** Says how a publisher tells that it lives, with the numbers of rmw. */
  public enum Liveliness {
    /** The middleware's own. */
    SYSTEM_DEFAULT(0),
    /** Alive while its process is. */
    AUTOMATIC(1),
    /** Alive while it says so, or publishes. */
    MANUAL_BY_TOPIC(3),
    /** Reported by a remote endpoint that hides its policy. */
    UNKNOWN(4),
    /** Manual where that fits all endpoints that are there; not on humble. */
    BEST_AVAILABLE(5);

    private final int value;

    Liveliness(int value) {
      this.value = value;
    }
  }

  /** Reliable, volatile, the last 10: what {@code ros2 topic pub} uses too. */
  public static final Qos DEFAULT = reliable(10);

  /** Best effort, volatile, the last 5. */
  public static final Qos SENSOR_DATA = bestEffort(5);

  /** Reliable, volatile, the last 10: for services and their clients. */
  public static final Qos SERVICES = reliable(10);

  /** Reliable, volatile, the last 1000: for /parameter_events. */
  public static final Qos PARAMETER_EVENTS = reliable(1000);

  /** The bytes of rmw_qos_profile_t. */
  static final long BYTES = 88;

  /** Checks the depth and the durations. */
  public Qos {
    if (history == History.KEEP_LAST && depth < 1) {
      throw new IllegalArgumentException("QoS depth " + depth + ": keep at least the last 1");
    }
    notNegative("deadline", deadline);
    notNegative("lifespan", lifespan);
    notNegative("lease", lease);
  }

  private static void notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException("QoS %s %s is negative".formatted(name, value));
    }
  }

  /** Creates one without deadline and lifespan, its liveliness left to the middleware. */
  public Qos(History history, int depth, Reliability reliability, Durability durability) {
    this(
        history,
        depth,
        reliability,
        durability,
        UNSPECIFIED,
        UNSPECIFIED,
        Liveliness.SYSTEM_DEFAULT,
        UNSPECIFIED);
  }

  /** Returns reliable, volatile, the last {@code depth} messages. */
  public static Qos reliable(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.RELIABLE, Durability.VOLATILE);
  }

  /** Returns best effort, volatile, the last {@code depth} messages. */
  public static Qos bestEffort(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.BEST_EFFORT, Durability.VOLATILE);
  }

  /** Returns reliable, the last {@code depth} messages, also for subscriptions that come later. */
  public static Qos transientLocal(int depth) {
    return new Qos(History.KEEP_LAST, depth, Reliability.RELIABLE, Durability.TRANSIENT_LOCAL);
  }

  /** Returns the same with another history and depth. */
  public Qos withHistory(History value, int messages) {
    return new Qos(value, messages, reliability, durability, deadline, lifespan, liveliness, lease);
  }

  /** Returns the same with another reliability. */
  public Qos withReliability(Reliability value) {
    return new Qos(history, depth, value, durability, deadline, lifespan, liveliness, lease);
  }

  /** Returns the same with another durability. */
  public Qos withDurability(Durability value) {
    return new Qos(history, depth, reliability, value, deadline, lifespan, liveliness, lease);
  }

  /** Returns the same with another deadline. */
  public Qos withDeadline(Duration value) {
    return new Qos(history, depth, reliability, durability, value, lifespan, liveliness, lease);
  }

  /** Returns the same with another lifespan. */
  public Qos withLifespan(Duration value) {
    return new Qos(history, depth, reliability, durability, deadline, value, liveliness, lease);
  }

  /** Returns the same with another liveliness and its lease. */
  public Qos withLiveliness(Liveliness value, Duration leaseOfLife) {
    return new Qos(history, depth, reliability, durability, deadline, lifespan, value, leaseOfLife);
  }

  /** Writes the rmw_qos_profile_t at the beginning of an options structure. */
  void writeTo(MemorySegment options) {
    options.set(JAVA_INT, 0, history.ordinal());
    options.set(JAVA_LONG, 8, depth);
    options.set(JAVA_INT, 16, reliability.ordinal());
    options.set(JAVA_INT, 20, durability.ordinal());
    write(options, 24, deadline);
    write(options, 40, lifespan);
    options.set(JAVA_INT, 56, liveliness.value);
    write(options, 64, lease);
  }

  /** Reads an rmw_qos_profile_t. */
  static Qos read(MemorySegment pointer) {
    MemorySegment profile = DynamicLinker.at(pointer, BYTES);
    int history = profile.get(JAVA_INT, 0);
    long depth = profile.get(JAVA_LONG, 8);
    return new Qos(
        // Fast DDS tells no depth of endpoints that it has discovered.
        history == History.KEEP_LAST.ordinal() && depth == 0
            ? History.UNKNOWN
            : of(History.values(), history),
        (int) Math.min(depth, Integer.MAX_VALUE),
        of(Reliability.values(), profile.get(JAVA_INT, 16)),
        of(Durability.values(), profile.get(JAVA_INT, 20)),
        duration(profile, 24),
        duration(profile, 40),
        liveliness(profile.get(JAVA_INT, 56)),
        duration(profile, 64));
  }

  private static <E> E of(E[] values, int index) {
    return values[index >= 0 && index < values.length ? index : 0];
  }

  private static Liveliness liveliness(int value) {
    for (Liveliness each : Liveliness.values()) {
      if (each.value == value) {
        return each;
      }
    }
    return Liveliness.UNKNOWN;
  }

  /** Writes an rmw_time_t: seconds, nanoseconds. */
  private static void write(MemorySegment profile, long offset, Duration value) {
    profile.set(JAVA_LONG, offset, value.toSeconds());
    profile.set(JAVA_LONG, offset + 8, value.toNanosPart());
  }

  /** Reads an rmw_time_t; endless ones, which rmw knows as 2^63 - 1 ns, are unspecified here. */
  private static Duration duration(MemorySegment profile, long offset) {
    long seconds = profile.get(JAVA_LONG, offset);
    long nanos = profile.get(JAVA_LONG, offset + 8);
    return seconds < 0 || seconds >= Long.MAX_VALUE / 1_000_000_000L
        ? UNSPECIFIED
        : Duration.ofSeconds(seconds, nanos);
  }
}
