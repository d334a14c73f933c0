package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.msgs.MessageType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Gives the messages of a topic when it is asked, on the caller's thread, whether or not the node
 * has an executor. Until then the middleware keeps as many as its {@link Qos} says. May be used
 * from any thread.
 *
 * @param <T> the message
 */
public final class PolledSubscription<T> implements AutoCloseable {
  /** Holds a message and its origin. */
  public record Received<T>(T message, MessageInfo info) {}

  private final LatestMessage<T> latest;
  private final Subscription<T> subscription;

  private PolledSubscription(
      Node node, String type, String topic, Qos qos, LatestMessage<T> latest) {
    this.latest = latest;
    subscription =
        new Subscription<>(Waitable.Kind.BY_HAND, node, type, topic, qos, node.group(), latest);
    node.add(subscription);
  }

  static <T> PolledSubscription<T> ofRecords(
      Node node, MessageType<T> type, String topic, Qos qos) {
    var latest = new LatestMessage<T>(false, message -> type.read(message.reader()));
    return new PolledSubscription<>(node, type.name(), topic, qos, latest);
  }

  static PolledSubscription<MemorySegment> ofCdr(Node node, String type, String topic, Qos qos) {
    var latest =
        new LatestMessage<>(
            true,
            message ->
                MemorySegment.ofArray(
                    message.buffer().asSlice(0, message.length()).toArray(JAVA_BYTE)));
    return new PolledSubscription<>(node, type, topic, qos, latest);
  }

  /** Returns the subscription itself, for its topic, counts and events. */
  public Subscription<T> subscription() {
    return subscription;
  }

  /**
   * Takes the oldest message that was not taken yet, if there is one. A message that can not be
   * decoded is reported to the node's log and passed over.
   *
   * @throws ClosedException when it is closed
   */
  public Optional<T> take() {
    return takeWithInfo().map(Received::message);
  }

  /** Takes a message, as {@link #take}, with its origin. */
  public synchronized Optional<Received<T>> takeWithInfo() {
    while (subscription.takeByHand()) {
      Received<T> received = latest.get();
      if (received != null) {
        return Optional.of(received);
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    subscription.close();
  }
}
