package dev.reverie.rcljava;

import dev.reverie.msgs.CdrException;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps a message until it is asked for, instead of handing it to a callback. */
final class LatestMessage<T> implements Delivery<T> {
  private final Function<TakenMessage, T> decoder;
  private final boolean wantsCdr;
  private PolledSubscription.@Nullable Received<T> last;

  /**
   * Begins without a message.
   *
   * @param decoder makes of the taken message, which is valid only meanwhile, what is given out
   */
  LatestMessage(boolean wantsCdr, Function<TakenMessage, T> decoder) {
    this.wantsCdr = wantsCdr;
    this.decoder = decoder;
  }

  @Override
  public void deliver(Subscription<T> from, TakenMessage message, MemorySegment info) {
    try {
      last = new PolledSubscription.Received<>(decoder.apply(message), MessageInfo.read(info));
    } catch (CdrException e) {
      from.reportUndecodable(e);
    }
  }

  @Override
  public boolean wantsCdr() {
    return wantsCdr;
  }

  /** Returns the last message, once. */
  PolledSubscription.@Nullable Received<T> get() {
    PolledSubscription.@Nullable Received<T> received = last;
    last = null;
    return received;
  }
}
