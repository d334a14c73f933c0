package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * Tells where a message came from.
 *
 * @param sourceStampNanos time of its publishing, system time
 * @param receivedStampNanos time of its receipt by the middleware, system time; 0 where it does not
 *     say
 * @param publisherGid identity of the publisher, the same for all its messages
 */
public record MessageInfo(long sourceStampNanos, long receivedStampNanos, Gid publisherGid) {
  /** Holds the first 16 bytes of the middleware's identity of an endpoint, in native byte order. */
  public record Gid(long head, long tail) {
    /** Returns the bytes in hexadecimal digits, as {@link EndpointInfo#gid} has them. */
    public String hex() {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.nativeOrder());
      return HexFormat.of().formatHex(bytes.putLong(head).putLong(tail).array());
    }
  }

  /** The bytes for an rmw_message_info_t: more than any version has. */
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
