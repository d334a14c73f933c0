package dev.reverie.msgs;

import dev.reverie.msgs.builtin_interfaces.Duration;
import dev.reverie.msgs.builtin_interfaces.Time;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * Converts between nanoseconds and the time messages of builtin_interfaces, alone and at the
 * beginning of messages that are still bytes.
 */
public final class Stamps {
  private static final long SECOND = 1_000_000_000L;

  private Stamps() {}

  /** Returns the ns since the epoch of the stamp's clock. */
  public static long nanos(Time stamp) {
    return stamp.sec() * SECOND + Integer.toUnsignedLong(stamp.nanosec());
  }

  /** Returns the length in ns. */
  public static long nanos(Duration duration) {
    return duration.sec() * SECOND + Integer.toUnsignedLong(duration.nanosec());
  }

  /** Returns the ns since 1970. */
  public static long nanos(Instant instant) {
    return instant.getEpochSecond() * SECOND + instant.getNano();
  }

  /** Returns the stamp of so many ns since the epoch of its clock; negative ones round down. */
  public static Time time(long nanos) {
    return new Time((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  /** Returns the duration of so many ns. */
  public static Duration duration(long nanos) {
    return new Duration((int) Math.floorDiv(nanos, SECOND), (int) Math.floorMod(nanos, SECOND));
  }

  /**
   * Returns the stamp, ns, of the header that a message begins with.
   *
   * @param message CDR, as it came over the wire
   * @throws CdrException where it is too short for a header
   */
  public static long ofHeader(byte[] message) {
    ByteBuffer header = header(message);
    return header.getInt(4) * SECOND + Integer.toUnsignedLong(header.getInt(8));
  }

  /**
   * Writes a stamp, ns, into the header that a message begins with.
   *
   * @param message CDR; changed in place
   * @throws CdrException where it is too short for a header
   */
  public static void intoHeader(byte[] message, long nanos) {
    header(message)
        .putInt(4, (int) Math.floorDiv(nanos, SECOND))
        .putInt(8, (int) Math.floorMod(nanos, SECOND));
  }

  /**
   * Four bytes of encapsulation, the second of which tells the order; then seconds, nanoseconds.
   */
  private static ByteBuffer header(byte[] message) {
    if (message.length < 12) {
      throw new CdrException("a message of %d bytes has no header".formatted(message.length));
    }
    boolean little = (message[1] & 1) == 1;
    return ByteBuffer.wrap(message).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }
}
