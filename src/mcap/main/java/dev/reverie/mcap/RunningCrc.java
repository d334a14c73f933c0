package dev.reverie.mcap;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * Keeps the CRC32 of all bytes so far, to which a piece can be added whose own CRC32 is known
 * already: what stands in a chunk need not be gone through a second time for the file's checksum.
 */
final class RunningCrc {
  private static final int POLYNOMIAL = 0xEDB88320;

  /** The element n is x to the power of 2 to the power of n, modulo the polynomial. */
  private static final int[] POWERS = new int[64];

  static {
    POWERS[0] = 1 << 30;
    for (int n = 1; n < POWERS.length; n++) {
      POWERS[n] = product(POWERS[n - 1], POWERS[n - 1]);
    }
  }

  private int value;

  int value() {
    return value;
  }

  void update(ByteBuffer bytes) {
    append(of(bytes), bytes.remaining());
  }

  /**
   * Adds a piece by its checksum.
   *
   * @param crc of a piece that follows
   * @param length of the piece
   */
  void append(int crc, long length) {
    int shift = 1 << 31; // 1
    for (int n = 3; length >> (n - 3) != 0; n++) { // 8 bits a byte
      if ((length >> (n - 3) & 1) != 0) {
        shift = product(POWERS[n], shift);
      }
    }
    value = product(shift, value) ^ crc;
  }

  /** Returns the CRC32 of what remains in the buffer, which stays as it is. */
  static int of(ByteBuffer bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes.duplicate());
    return (int) crc.getValue();
  }

  /**
   * Multiplies polynomials over GF(2), the highest bit the coefficient of 1, modulo the one of
   * CRC32.
   */
  private static int product(int a, int b) {
    int product = 0;
    int shifted = b;
    for (int bit = 31; bit >= 0; bit--) {
      if ((a >>> bit & 1) != 0) {
        product ^= shifted;
      }
      shifted = (shifted & 1) != 0 ? shifted >>> 1 ^ POLYNOMIAL : shifted >>> 1;
    }
    return product;
  }
}
