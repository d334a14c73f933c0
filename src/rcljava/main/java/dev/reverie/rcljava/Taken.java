package dev.reverie.rcljava;

import dev.reverie.msgs.CdrException;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps the last message instead of handing it to a callback. */
final class Taken<T> implements Delivery<T> {

  private final Function<MemorySegment, T> decoder;
  private PolledSubscription.@Nullable Received<T> last;

  /**
   * @param decoder makes the message of CDR that is valid only meanwhile
   */
  Taken(Function<MemorySegment, T> decoder) {
    this.decoder = decoder;
  }

  @Override
  public void deliver(Subscription<T> from, SerializedMessage message, MemorySegment info) {
    try {
      last =
          new PolledSubscription.Received<>(decoder.apply(message.bytes()), MessageInfo.read(info));
    } catch (CdrException e) {
      from.reportUndecodable(e);
    }
  }

  /** The last one, once. */
  PolledSubscription.@Nullable Received<T> get() {
    var received = last;
    last = null;
    return received;
  }
}
