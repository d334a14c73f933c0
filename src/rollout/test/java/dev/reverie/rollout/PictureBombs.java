package dev.reverie.rollout;

import dev.reverie.testing.Pictures;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** Makes compressed pictures that say they are larger than they are. */
final class PictureBombs {
  private static final int PNG_HEADER = 12; // "IHDR", after the magic and a length
  private static final int PNG_HEADER_BYTES = 4 + 13;

  private PictureBombs() {}

  /** A small PNG that says it has so many pixels a side. */
  static byte[] hugePng(int side) {
    byte[] png = Pictures.encode("png", 8, 8, RecordedArm.pixels(0, 8));
    ByteBuffer bytes = ByteBuffer.wrap(png);
    bytes.putInt(PNG_HEADER + 4, side).putInt(PNG_HEADER + 8, side);
    CRC32 crc = new CRC32();
    crc.update(png, PNG_HEADER, PNG_HEADER_BYTES);
    bytes.putInt(PNG_HEADER + PNG_HEADER_BYTES, (int) crc.getValue());
    return png;
  }

  /** A small JPEG that says it has so many pixels a side. */
  static byte[] hugeJpeg(int side) {
    byte[] jpeg = Pictures.encode("jpeg", 8, 8, RecordedArm.pixels(0, 8));
    ByteBuffer bytes = ByteBuffer.wrap(jpeg);
    for (int at = 2; ; at += 2 + bytes.getShort(at + 2)) {
      if (bytes.get(at + 1) == (byte) 0xc0) {
        bytes.putShort(at + 5, (short) side).putShort(at + 7, (short) side);
        return jpeg;
      }
    }
  }
}
