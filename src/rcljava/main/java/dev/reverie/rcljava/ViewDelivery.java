package dev.reverie.rcljava;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageView;
import dev.reverie.msgs.ViewBinding;
import dev.reverie.msgs.ViewType;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * Delivers a view of the taken bytes, valid until the callback returns. Allocates nothing a
 * message.
 */
final class ViewDelivery<V extends MessageView<?>> implements Delivery<V> {
  private final ViewBinding<V> binding;
  private final Origin origin = new Origin();
  private final BiConsumer<? super V, ? super Origin> callback;
  private final LentMemory lent = new LentMemory();
  private final UnaryOperator<MemorySegment> slices = lent::lend;

  ViewDelivery(ViewType<?, V> type, BiConsumer<? super V, ? super Origin> callback) {
    this.binding = new ViewBinding<>(type);
    this.callback = callback;
  }

  @Override
  public void deliver(Subscription<V> from, TakenMessage message, MemorySegment info) {
    V view;
    try {
      view = binding.bind(message.buffer(), message.length(), message.borrowedArrays(), slices);
    } catch (CdrException e) {
      from.reportUndecodable(e);
      return;
    }
    origin.begin(info);
    try {
      callback.accept(view, origin);
    } finally {
      origin.end();
      binding.unbind();
      lent.end();
    }
  }
}
