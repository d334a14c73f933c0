package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Describes an event of a publisher or a subscription that the middleware tells of. Totals count
 * from its beginning, changes since the last event of this kind.
 */
public sealed interface QosEvent {
  /** Tells that a message did not come, or was not published, within the deadline of the QoS. */
  record DeadlineMissed(int total, int change) implements QosEvent {}

  /** Tells that the publisher did not say in time that it lives. */
  record LivelinessLost(int total, int change) implements QosEvent {}

  /**
   * Counts the publishers of a subscription's topic that say that they live, and the ones that
   * ceased to.
   */
  record LivelinessChanged(int alive, int notAlive, int aliveChange, int notAliveChange)
      implements QosEvent {}

  /**
   * Tells of an endpoint whose quality of service does not fit: no messages come through.
   *
   * @param policy the one that did not fit the last time, such as {@code reliability}
   */
  record IncompatibleQos(int total, int change, String policy) implements QosEvent {}

  /** Tells of an endpoint whose message type is another one. */
  record IncompatibleType(int total, int change) implements QosEvent {}

  /** Tells of messages for a subscription that were lost on the way. */
  record MessageLost(long total, long change) implements QosEvent {}

  /**
   * Tells that the endpoints that match have become more or fewer.
   *
   * @param total the number that have matched so far
   * @param current the number that match now
   */
  record Matched(long total, long change, long current, int currentChange) implements QosEvent {}

  /** The kinds of publishers, as numbered in rcl_publisher_event_type_t; in the order of rcl. */
  List<Class<? extends QosEvent>> OF_PUBLISHERS =
      List.of(
          DeadlineMissed.class,
          LivelinessLost.class,
          IncompatibleQos.class,
          IncompatibleType.class,
          Matched.class);

  /**
   * The kinds of subscriptions, as numbered in rcl_subscription_event_type_t; in the order of rcl.
   */
  List<Class<? extends QosEvent>> OF_SUBSCRIPTIONS =
      List.of(
          DeadlineMissed.class,
          LivelinessChanged.class,
          IncompatibleQos.class,
          MessageLost.class,
          IncompatibleType.class,
          Matched.class);

  /** Reads the structure of rmw/events_statuses that belongs to the kind. */
  static <E extends QosEvent> E read(Class<E> kind, MemorySegment status) {
    int first = status.get(JAVA_INT, 0);
    int second = status.get(JAVA_INT, 4);
    QosEvent event =
        switch (kind.getSimpleName()) {
          case "DeadlineMissed" -> new DeadlineMissed(first, second);
          case "LivelinessLost" -> new LivelinessLost(first, second);
          case "LivelinessChanged" ->
              new LivelinessChanged(
                  first, second, status.get(JAVA_INT, 8), status.get(JAVA_INT, 12));
          case "IncompatibleQos" ->
              new IncompatibleQos(first, second, policy(status.get(JAVA_INT, 8)));
          case "IncompatibleType" -> new IncompatibleType(first, second);
          case "MessageLost" -> new MessageLost(status.get(JAVA_LONG, 0), status.get(JAVA_LONG, 8));
          default ->
              new Matched(
                  status.get(JAVA_LONG, 0),
                  status.get(JAVA_LONG, 8),
                  status.get(JAVA_LONG, 16),
                  status.get(JAVA_INT, 24));
        };
    return kind.cast(event);
  }

  /** Returns the name of a bit of rmw_qos_policy_kind_t. */
  private static String policy(int kind) {
    List<String> names =
        List.of(
            "durability",
            "deadline",
            "liveliness",
            "reliability",
            "history",
            "lifespan",
            "depth",
            "liveliness lease duration",
            "namespace conventions");
    return IntStream.rangeClosed(1, names.size())
        .filter(bit -> kind == 1 << bit)
        .mapToObj(bit -> names.get(bit - 1))
        .findFirst()
        .orElse("kind " + kind);
  }
}
