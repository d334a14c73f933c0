package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.reverie.msgs.CdrWriter;
import dev.reverie.msgs.MessageType;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Publishes on a topic, from any thread.
 *
 * @param <T> the message
 */
public final class Publisher<T> extends Handle {
  private static final RclFunction INIT = RclFunction.of("rcl_publisher_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_publisher_fini", 2);
  private static final RclFunction PUBLISH = RclFunction.of("rcl_publish_serialized_message", 3);
  private static final RclFunction SUBSCRIPTIONS =
      RclFunction.of("rcl_publisher_get_subscription_count", 2);
  private static final RclFunction ASSERT_LIVELINESS =
      RclFunction.of("rcl_publisher_assert_liveliness", 1);
  private static final MethodHandle TOPIC =
      Librcl.function("rcl_publisher_get_topic_name", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle ACTUAL_QOS =
      Librcl.function("rcl_publisher_get_actual_qos", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle WAIT_FOR_ALL_ACKED =
      Librcl.function(
          "rcl_publisher_wait_for_all_acked", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));

  private static final int TIMEOUT = 2;

  private final Node node;
  private final MessageType<T> type;
  private final String topic;
  private final Qos qos;
  private final EndpointEvents events;
  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  // Both guarded by this.
  private final CdrWriter writer = new CdrWriter();
  private final SerializedMessage.View message = new SerializedMessage.View();

  Publisher(Node node, MessageType<T> type, String topic, Qos qos) {
    super(node);
    this.node = node;
    this.type = type;
    acquire(() -> init(topic, qos));
    try {
      this.topic = DynamicLinker.text((MemorySegment) TOPIC.invokeExact(pointer));
      this.qos = Qos.read((MemorySegment) ACTUAL_QOS.invokeExact(pointer));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
    events = new EndpointEvents(this, pointer, this.topic, true, node, node.group());
  }

  private void init(String name, Qos wanted) {
    MemorySegment support = TypeSupport.message(type.name());
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, "rcl_publisher_get_default_options");
      wanted.writeTo(options);
      RclFunction.check(
          INIT.call(pointer, node.pointer(), support, arena.allocateFrom(name), options),
          "publisher of " + name);
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

  /**
   * Sends a message to all subscriptions.
   *
   * @throws ClosedException when it is closed
   * @throws RclException when the middleware does not take the message
   */
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
    use();
    try {
      // Safe: the lock keeps the bytes until the middleware has copied them.
      int code = PUBLISH.call(pointer, message.of(bytes), MemorySegment.NULL);
      if (code != RclFunction.OK) {
        RclFunction.check(code, "publish on " + topic);
      }
    } finally {
      exit();
    }
  }

  private void use() {
    if (!enter()) {
      throw new ClosedException("the publisher of " + topic + " is closed");
    }
  }

  /** Returns the number of subscriptions that are matched now; 0 when it is closed. */
  public int subscriptionCount() {
    return CountQuery.count(this, SUBSCRIPTIONS, pointer);
  }

  /**
   * Waits until all reliable subscriptions have got all that was published.
   *
   * @return false when they have not in time
   */
  public boolean awaitAcknowledged(Duration timeout) {
    use();
    try {
      int code = (int) WAIT_FOR_ALL_ACKED.invokeExact(pointer, timeout.toNanos());
      if (code != TIMEOUT) {
        RclFunction.check(code, "wait for acknowledgement on " + topic);
      }
      return code != TIMEOUT;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    } finally {
      exit();
    }
  }

  /** Tells subscriptions that it lives, where its QoS wants that told by hand. */
  public void assertLiveliness() {
    use();
    try {
      ASSERT_LIVELINESS.check(ASSERT_LIVELINESS.call(pointer));
    } finally {
      exit();
    }
  }

  /**
   * Tells of events of one kind, on a thread of the executor, until the handler is closed. {@link
   * QosEvent.IncompatibleQos} is logged as a warning where nobody asks for it.
   *
   * @throws IllegalArgumentException when publishers have no such events
   * @throws RclException when the middleware has no such events
   */
  public <E extends QosEvent> QosEventHandler<E> onEvent(Class<E> kind, Consumer<E> handler) {
    return events.on(kind, handler);
  }

  @Override
  void leave() {
    events.close();
    node.remove(this);
  }

  @Override
  void release() {
    FINI.check(FINI.call(pointer, node.pointer()));
  }

  @Override
  public void close() {
    super.close();
  }
}
