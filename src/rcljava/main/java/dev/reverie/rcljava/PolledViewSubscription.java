package dev.reverie.rcljava;

import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ViewType;
import java.util.function.BiConsumer;

/**
 * Shows the messages of a topic where they lie when it is asked, on the caller's thread, whether or
 * not the node has an executor. Allocates nothing a message. May be used from any thread.
 *
 * @param <V> the view
 */
public final class PolledViewSubscription<V extends MessageView<?>> implements AutoCloseable {
  private final Subscription<V> subscription;
  // Both guarded by this.
  private boolean taking;
  private BiConsumer<? super V, ? super Origin> action = (view, origin) -> {};

  PolledViewSubscription(Node node, ViewType<?, V> type, String topic, Qos qos) {
    subscription =
        new Subscription<>(
            Waitable.Kind.BY_HAND,
            node,
            type.message().name(),
            topic,
            qos,
            node.group(),
            new ViewDelivery<V>(type, (view, origin) -> action.accept(view, origin)));
    node.add(subscription);
  }

  /** Returns the subscription itself, for its topic, counts and events. */
  public Subscription<V> subscription() {
    return subscription;
  }

  /**
   * Shows the oldest message that was not taken yet, if there is one.
   *
   * @param action gets the view and its origin, both valid until it returns
   * @return whether there was one; true also for one that could not be decoded, which is reported
   *     to the node's log
   * @throws IllegalStateException when the action itself takes
   * @throws ClosedException when it is closed
   */
  public synchronized boolean take(BiConsumer<? super V, ? super Origin> action) {
    if (taking) {
      throw new IllegalStateException(
          "the view of the last message of " + subscription.topic() + " is still in use");
    }
    this.action = action;
    taking = true;
    try {
      return subscription.takeByHand();
    } finally {
      taking = false;
    }
  }

  @Override
  public void close() {
    subscription.close();
  }
}
