package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands each message of a topic to a callback, on a thread of the executor.
 *
 * @param <T> what the callback gets
 */
public final class Subscription<T> extends Waitable {
  private static final RclFunction INIT = RclFunction.of("rcl_subscription_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_subscription_fini", 2);
  private static final RclFunction TAKE = RclFunction.of("rcl_take", 4);
  private static final RclFunction TAKE_SERIALIZED =
      RclFunction.of("rcl_take_serialized_message", 4);
  private static final RclFunction PUBLISHERS =
      RclFunction.of("rcl_subscription_get_publisher_count", 2);
  private static final MethodHandle TOPIC =
      Librcl.function("rcl_subscription_get_topic_name", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle ACTUAL_QOS =
      Librcl.function("rcl_subscription_get_actual_qos", FunctionDescriptor.of(ADDRESS, ADDRESS));

  private static final int TAKE_FAILED = 401;

  private final Delivery<T> delivery;
  private final String topic;
  private final Qos qos;
  private final EndpointEvents events;
  private final SerializedMessage serialized = new SerializedMessage();
  private final LargeMessages large;
  private final MemorySegment info = DynamicLinker.zeroed(Arena.ofAuto(), MessageInfo.BYTES);
  private long undecodable;

  Subscription(
      Node node, String type, String topic, Qos qos, CallbackGroup group, Delivery<T> delivery) {
    this(Kind.SUBSCRIPTION, node, type, topic, qos, group, delivery);
  }

  Subscription(
      Kind kind,
      Node node,
      String type,
      String topic,
      Qos qos,
      CallbackGroup group,
      Delivery<T> delivery) {
    super(kind, node, group);
    this.delivery = delivery;
    large = new LargeMessages(type, !delivery.wantsCdr());
    acquire(() -> init(type, topic, qos));
    try {
      this.topic = DynamicLinker.text((MemorySegment) TOPIC.invokeExact(pointer()));
      this.qos = Qos.read((MemorySegment) ACTUAL_QOS.invokeExact(pointer()));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    events = new EndpointEvents(this, pointer(), this.topic, false, node, group);
  }

  private void init(String type, String name, Qos wanted) {
    MemorySegment support = TypeSupport.message(type);
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, "rcl_subscription_get_default_options");
      wanted.writeTo(options);
      RclFunction.check(
          INIT.call(pointer(), node().pointer(), support, arena.allocateFrom(name), options),
          "subscription of " + name);
    }
  }

  /** Returns the topic's full name, remapped. */
  public String topic() {
    return topic;
  }

  /** Returns the quality of service that the middleware made of what was asked for. */
  public Qos qos() {
    return qos;
  }

  /** Returns the number of publishers that are matched now; 0 when it is closed. */
  public int publisherCount() {
    return CountQuery.count(this, PUBLISHERS, pointer());
  }

  /**
   * Tells of events of one kind, on a thread of the executor, until the handler is closed. {@link
   * QosEvent.IncompatibleQos} is logged as a warning where nobody asks for it.
   *
   * @throws IllegalArgumentException when subscriptions have no such events
   * @throws RclException when the middleware has no such events
   */
  public <E extends QosEvent> QosEventHandler<E> onEvent(Class<E> kind, Consumer<E> handler) {
    return events.on(kind, handler);
  }

  /**
   * Delivers the messages that have arrived and were not delivered yet, on the calling thread. Call
   * it from a callback of the same mutually exclusive group.
   */
  public void deliverArrived() {
    while (workIfOpen()) {}
  }

  @Override
  boolean work() {
    @Nullable Structure structure = large.structure();
    int code =
        structure == null
            ? TAKE_SERIALIZED.call(pointer(), serialized.pointer(), info, MemorySegment.NULL)
            : TAKE.call(pointer(), structure.pointer(), info, MemorySegment.NULL);
    if (code == TAKE_FAILED) {
      ErrorState.clear();
      return false;
    }
    if (code != RclFunction.OK) {
      RclFunction.check(code, "take from " + topic);
    }
    if (structure == null) {
      large.came(serialized.length());
      delivery.deliver(this, serialized, info);
    } else {
      structure.read();
      large.came(structure);
      delivery.deliver(this, structure, info);
    }
    return true;
  }

  /**
   * Takes and delivers one message on the caller's thread; false when there was none. For
   * subscriptions that no executor serves.
   */
  boolean takeByHand() {
    if (!isOpen()) {
      throw new ClosedException("the subscription of " + topic + " is closed");
    }
    return workIfOpen();
  }

  /** Logs the first message that cannot be decoded, and then each time their number has doubled. */
  void reportUndecodable(RuntimeException reason) {
    undecodable++;
    if (Long.bitCount(undecodable) == 1) {
      node()
          .logger()
          .log(
              System.Logger.Level.ERROR,
              "%d message(s) of %s dropped that could not be decoded: %s"
                  .formatted(undecodable, topic, reason.getMessage()));
    }
  }

  @Override
  void leave() {
    events.close();
    super.leave();
  }

  @Override
  void release() {
    FINI.check(FINI.call(pointer(), node().pointer()));
    serialized.close();
    large.close();
  }

  /**
   * Closes the subscription. When it returns no callback begins any more; on an executor without
   * threads of its own none runs any more either, unless it is the caller.
   */
  @Override
  public void close() {
    super.close();
  }
}
