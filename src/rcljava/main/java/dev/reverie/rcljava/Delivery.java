package dev.reverie.rcljava;

import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Brings a taken message to the callback. */
sealed interface Delivery<T>
    permits Delivery.Typed, Delivery.WithInfo, Delivery.Serialized, ViewDelivery, LatestMessage {
  /**
   * Delivers one message.
   *
   * @param info rmw_message_info_t
   */
  void deliver(Subscription<T> from, TakenMessage message, MemorySegment info);

  /** Returns whether it wants the CDR as it was sent, and not the fields. */
  default boolean wantsCdr() {
    return false;
  }

  /** Delivers a record. A message that is not of its type is reported and dropped. */
  record Typed<T>(MessageType<T> type, Consumer<T> callback) implements Delivery<T> {
    @Override
    public void deliver(Subscription<T> from, TakenMessage message, MemorySegment info) {
      T value;
      try {
        value = type.read(message.reader());
      } catch (CdrException e) {
        from.reportUndecodable(e);
        return;
      }
      from.taken();
      callback.accept(value);
    }
  }

  /** Delivers a record with its origin. */
  record WithInfo<T>(MessageType<T> type, BiConsumer<T, MessageInfo> callback)
      implements Delivery<T> {
    @Override
    public void deliver(Subscription<T> from, TakenMessage message, MemorySegment info) {
      MessageInfo origin = MessageInfo.read(info);
      new Typed<>(type, value -> callback.accept(value, origin)).deliver(from, message, info);
    }
  }

  /** Delivers CDR, in memory that is the callback's while it runs. */
  record Serialized(BiConsumer<MemorySegment, MessageInfo> callback)
      implements Delivery<MemorySegment> {
    @Override
    public void deliver(
        Subscription<MemorySegment> from, TakenMessage message, MemorySegment info) {
      try (var arena = Arena.ofConfined()) {
        MemorySegment cdr = message.buffer().asSlice(0, message.length());
        // Reading it after the callback is an exception.
        callback.accept(cdr.reinterpret(arena, null), MessageInfo.read(info));
      }
    }

    @Override
    public boolean wantsCdr() {
      return true;
    }
  }
}
