package dev.reverie.msgs;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.ValueLayout;

/**
 * Holds the layouts of values in little-endian CDR. They are constants, because reading through a
 * layout that is a field costs a call each time.
 */
final class CdrLayout {
  /** The bytes of the encapsulation; offsets in the payload count from behind it. */
  static final int HEADER = 4;

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private CdrLayout() {}

  /** Returns the first place from {@code position} on that is aligned in the payload. */
  static long align(long position, int alignment) {
    return HEADER + (position - HEADER + alignment - 1 & -alignment);
  }
}
