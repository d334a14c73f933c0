package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Hands each message of a topic to a callback, on the executor's thread.
 *
 * @param <T> what the callback gets
 */
public final class Subscription<T> extends Waitable {

  private static final RclFunction INIT = RclFunction.of("rcl_subscription_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_subscription_fini", 2);
  private static final RclFunction TAKE = RclFunction.of("rcl_take_serialized_message", 4);
  private static final RclFunction PUBLISHERS =
      RclFunction.of("rcl_subscription_get_publisher_count", 2);
  private static final MethodHandle TOPIC =
      Librcl.function("rcl_subscription_get_topic_name", FunctionDescriptor.of(ADDRESS, ADDRESS));

  private static final int TAKE_FAILED = 401;

  private final Delivery<T> delivery;
  private final String topic;
  private final QosWatch qosWatch;
  private final SerializedMessage message = new SerializedMessage();
  private final MemorySegment info = DynamicLinker.zeroed(Arena.ofAuto(), MessageInfo.BYTES);
  private long undecodable;

  Subscription(Node node, String type, String topic, Qos qos, Delivery<T> delivery) {
    super(Kind.SUBSCRIPTION, node);
    this.delivery = delivery;
    MemorySegment support = TypeSupport.message(type);
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, "rcl_subscription_get_default_options");
      qos.writeTo(options);
      RclFunction.check(
          INIT.call(pointer(), node.pointer(), support, arena.allocateFrom(topic), options),
          "subscription of " + topic);
    }
    try {
      this.topic = DynamicLinker.text((MemorySegment) TOPIC.invokeExact(pointer()));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    qosWatch = QosWatch.ofSubscription(node, pointer(), this.topic);
  }

  /** The topic's full name, remapped. */
  public String topic() {
    return topic;
  }

  /** How many publishers are matched now. */
  public int publisherCount() {
    try (var arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      node()
          .exclusively(
              () -> {
                if (isOpen()) {
                  PUBLISHERS.check(PUBLISHERS.call(pointer(), count));
                }
              });
      return (int) count.get(JAVA_LONG, 0);
    }
  }

  @Override
  boolean take() {
    int code = TAKE.call(pointer(), message.pointer(), info, MemorySegment.NULL);
    if (code == TAKE_FAILED) {
      ErrorState.clear();
      return false;
    }
    if (code != RclFunction.OK) {
      RclFunction.check(code, "take from " + topic);
    }
    delivery.deliver(this, message, info);
    return true;
  }

  /** Logs the first such message, and then each time their number has doubled. */
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
  void release() {
    qosWatch.close();
    FINI.check(FINI.call(pointer(), node().pointer()));
    message.close();
  }
}
