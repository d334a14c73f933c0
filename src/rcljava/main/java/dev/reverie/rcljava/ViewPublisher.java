package dev.reverie.rcljava;

import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ViewBinding;
import dev.reverie.msgs.ViewType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one message again and again, which is changed in between where it lies: no record, no
 * encoding, no copy but the middleware's own, nothing allocated.
 *
 * <pre>{@code
 * var commands = node.createViewPublisher(Twist.VIEW, "cmd_vel", Qos.DEFAULT, new Twist());
 * commands.borrow().linear().setX(0.3);
 * commands.publish();
 * }</pre>
 *
 * @param <V> the view
 */
public final class ViewPublisher<V extends MessageView<?>> implements AutoCloseable {
  private final Publisher<?> publisher;
  private final MemorySegment message;
  private final ViewBinding<V> binding;
  private final LentMemory lent = new LentMemory();
  private final UnaryOperator<MemorySegment> slices = lent::lend;
  private final AtomicReference<@Nullable Thread> borrower = new AtomicReference<>();

  /**
   * Begins with a message.
   *
   * @param cdr the first message
   */
  ViewPublisher(Publisher<?> publisher, ViewType<?, V> type, byte[] cdr) {
    this.publisher = publisher;
    this.binding = new ViewBinding<>(type);
    message = Arena.ofAuto().allocate(cdr.length, 8);
    MemorySegment.copy(cdr, 0, message, ValueLayout.JAVA_BYTE, 0, cdr.length);
  }

  /** Returns the publisher itself, for its topic, counts and events. */
  public Publisher<?> publisher() {
    return publisher;
  }

  /**
   * Lends the message, for the calling thread to change and to {@link #publish}; valid until then.
   * Fields are as they were published last, at first as in the message that it was made with. To
   * borrow again without publishing is to go on.
   *
   * @throws IllegalStateException when another thread has borrowed it
   */
  public V borrow() {
    Thread me = Thread.currentThread();
    if (borrower.get() != me && !borrower.compareAndSet(null, me)) {
      throw new IllegalStateException(
          "the message of %s is borrowed by another thread, which has not published it yet"
              .formatted(publisher.topic()));
    }
    return binding.bind(message, message.byteSize(), null, slices);
  }

  /**
   * Publishes what was borrowed.
   *
   * @throws IllegalStateException when the calling thread has not borrowed it
   * @throws ClosedException when it is closed
   * @throws RclException when the middleware does not take the message
   */
  public void publish() {
    if (borrower.get() != Thread.currentThread()) {
      throw new IllegalStateException(
          "borrow the message of %s first".formatted(publisher.topic()));
    }
    binding.unbind();
    lent.end();
    try {
      publisher.publishSerialized(message);
    } finally {
      borrower.set(null);
    }
  }

  @Override
  public void close() {
    publisher.close();
  }
}
