package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Tells where the message that is being handled came from: as {@link MessageInfo}, but used again
 * for each message. Valid on the callback's thread until it returns; using it later is an {@link
 * IllegalStateException}.
 */
public final class Origin {
  private MemorySegment info = MemorySegment.NULL;
  private @Nullable Thread owner;

  Origin() {}

  /**
   * Begins with a message.
   *
   * @param message rmw_message_info_t
   */
  void begin(MemorySegment message) {
    info = message;
    owner = Thread.currentThread();
  }

  void end() {
    owner = null;
  }

  private MemorySegment info() {
    if (owner != Thread.currentThread()) {
      throw new IllegalStateException(
          "the origin of a message is known until its callback returns");
    }
    return info;
  }

  /** Returns the time of its publishing, system time. */
  public long sourceStampNanos() {
    return info().get(JAVA_LONG, MessageInfo.SOURCE_STAMP);
  }

  /** Returns the time of its receipt by the middleware, system time; 0 where it does not say. */
  public long receivedStampNanos() {
    return info().get(JAVA_LONG, MessageInfo.RECEIVED_STAMP);
  }

  /** Returns whether this publisher sent it. */
  public boolean isFrom(MessageInfo.Gid publisher) {
    return info().get(JAVA_LONG, MessageInfo.GID) == publisher.head()
        && info().get(JAVA_LONG, MessageInfo.GID + 8) == publisher.tail();
  }

  /** Returns all of it, to keep. */
  public MessageInfo toMessageInfo() {
    return MessageInfo.read(info());
  }
}
