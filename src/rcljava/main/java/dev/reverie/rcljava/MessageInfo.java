package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * Where a message came from.
 *
 * @param sourceStampNanos when it was published, system time
 * @param receivedStampNanos when the middleware received it, system time; 0 where it does not say
 * @param publisherGid of the publisher, the same for all its messages
 */
public record MessageInfo(long sourceStampNanos, long receivedStampNanos, Gid publisherGid) {

  /** The first 16 bytes of the middleware's identity of an endpoint, in native byte order. */
  public record Gid(long head, long tail) {}

  /** More than any version of rmw_message_info_t has. */
  static final long BYTES = 128;

  static MessageInfo read(MemorySegment info) {
    return new MessageInfo(
        info.get(JAVA_LONG, 0),
        info.get(JAVA_LONG, 8),
        new Gid(info.get(JAVA_LONG, 40), info.get(JAVA_LONG, 48)));
  }
}
