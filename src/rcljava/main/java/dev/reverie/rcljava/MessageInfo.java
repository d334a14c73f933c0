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

  // Where its members stand.
  static final int SOURCE_STAMP = 0;
  static final int RECEIVED_STAMP = 8;
  static final int GID = 40;

  static MessageInfo read(MemorySegment info) {
    return new MessageInfo(
        info.get(JAVA_LONG, SOURCE_STAMP),
        info.get(JAVA_LONG, RECEIVED_STAMP),
        new Gid(info.get(JAVA_LONG, GID), info.get(JAVA_LONG, GID + 8)));
  }
}
