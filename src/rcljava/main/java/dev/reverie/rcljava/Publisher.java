package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Publishes on a topic, from any thread.
 *
 * @param <T> the message
 */
public final class Publisher<T> implements AutoCloseable {

  private static final RclFunction INIT = RclFunction.of("rcl_publisher_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_publisher_fini", 2);
  private static final RclFunction PUBLISH = RclFunction.of("rcl_publish_serialized_message", 3);
  private static final RclFunction SUBSCRIPTIONS =
      RclFunction.of("rcl_publisher_get_subscription_count", 2);
  private static final MethodHandle TOPIC =
      Librcl.function("rcl_publisher_get_topic_name", FunctionDescriptor.of(ADDRESS, ADDRESS));

  private final Node node;
  private final MessageType<T> type;
  private final String topic;
  private final QosWatch qosWatch;
  // All below is guarded by this.
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private final CdrWriter writer = new CdrWriter();
  private final SerializedMessage.View message = new SerializedMessage.View();
  private boolean open = true;

  Publisher(Node node, MessageType<T> type, String topic, Qos qos) {
    this.node = node;
    this.type = type;
    MemorySegment support = TypeSupport.message(type.name());
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, "rcl_publisher_get_default_options");
      qos.writeTo(options);
      RclFunction.check(
          INIT.call(pointer, node.pointer(), support, arena.allocateFrom(topic), options),
          "publisher of " + topic);
    }
    try {
      this.topic = DynamicLinker.text((MemorySegment) TOPIC.invokeExact(pointer));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    qosWatch = QosWatch.ofPublisher(node, pointer, this.topic);
  }

  /** The topic's full name, remapped. */
  public String topic() {
    return topic;
  }

  public void publish(T value) {
    synchronized (this) {
      writer.reset();
      type.write(value, writer);
      send(writer.written());
    }
  }

  /**
   * Publishes a message that is CDR already, with its encapsulation.
   *
   * @param cdr native memory is sent as it is, other memory is copied first
   */
  public void publishSerialized(MemorySegment cdr) {
    if (cdr.isNative()) {
      synchronized (this) {
        send(cdr);
      }
      return;
    }
    try (var arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(cdr.byteSize(), 8).copyFrom(cdr);
      synchronized (this) {
        send(copy);
      }
    }
  }

  private void send(MemorySegment bytes) {
    if (!open) {
      throw new RclException("the publisher of " + topic + " is closed");
    }
    // Safe: the lock keeps the publisher and the bytes until the middleware has copied them.
    int code = PUBLISH.call(pointer, message.of(bytes), MemorySegment.NULL);
    if (code != RclFunction.OK) {
      RclFunction.check(code, "publish on " + topic);
    }
  }

  /** How many subscriptions are matched now. */
  public synchronized int subscriptionCount() {
    if (!open) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      SUBSCRIPTIONS.check(SUBSCRIPTIONS.call(pointer, count));
      return (int) count.get(JAVA_LONG, 0);
    }
  }

  @Override
  public void close() {
    qosWatch.close();
    synchronized (this) {
      if (open) {
        open = false;
        node.remove(this);
        FINI.check(FINI.call(pointer, node.pointer()));
      }
    }
  }
}
