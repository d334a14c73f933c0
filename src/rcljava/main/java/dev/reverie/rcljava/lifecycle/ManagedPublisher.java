package dev.reverie.rcljava.lifecycle;

import dev.reverie.rcljava.Publisher;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Publishes for a managed node: what is published while the node is not active is dropped, with a
 * warning the first time.
 *
 * @param <T> the message
 */
public final class ManagedPublisher<T> implements AutoCloseable {
  private final LifecycleNode owner;
  private final Publisher<T> publisher;
  private final AtomicBoolean warned = new AtomicBoolean();

  ManagedPublisher(LifecycleNode owner, Publisher<T> publisher) {
    this.owner = owner;
    this.publisher = publisher;
  }

  /** Returns the publisher itself, for its topic, counts and events. */
  public Publisher<T> publisher() {
    return publisher;
  }

  /**
   * Publishes while the node is active.
   *
   * @return whether it did
   */
  public boolean publish(T message) {
    if (owner.state() == LifecycleState.ACTIVE) {
      warned.set(false);
      publisher.publish(message);
      return true;
    }
    if (!warned.getAndSet(true)) {
      owner.warn(
          "messages of %s are dropped while node %s is %s"
              .formatted(
                  publisher.topic(), owner.node().fullName(), owner.state().message().label()));
    }
    return false;
  }

  @Override
  public void close() {
    publisher.close();
  }
}
