package dev.reverie.rollout;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Compressed pictures, and some that say they are larger than they are. */
final class Pictures {
  private static final int PNG_HEADER = 12; // "IHDR", after the magic and a length
  private static final int PNG_HEADER_BYTES = 4 + 13;

  private Pictures() {}

  /** {@link RecordedArm#pixels} of the first moment; format "png" or "jpeg". */
  static byte[] compressed(String format, int size) {
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    byte[] rgb = RecordedArm.pixels(0, size);
    for (int i = 0; i < size * size; i++) {
      int pixel = (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | rgb[3 * i + 2] & 0xff;
      picture.setRGB(i % size, i / size, pixel);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A small PNG that says it has so many pixels a side. */
  static byte[] hugePng(int side) {
    byte[] png = compressed("png", 8);
    ByteBuffer bytes = ByteBuffer.wrap(png);
    bytes.putInt(PNG_HEADER + 4, side).putInt(PNG_HEADER + 8, side);
    CRC32 crc = new CRC32();
    crc.update(png, PNG_HEADER, PNG_HEADER_BYTES);
    bytes.putInt(PNG_HEADER + PNG_HEADER_BYTES, (int) crc.getValue());
    return png;
  }

  /** A small JPEG that says it has so many pixels a side. */
  static byte[] hugeJpeg(int side) {
    byte[] jpeg = compressed("jpeg", 8);
    ByteBuffer bytes = ByteBuffer.wrap(jpeg);
    for (int at = 2; ; at += 2 + bytes.getShort(at + 2)) {
      if (bytes.get(at + 1) == (byte) 0xc0) {
        bytes.putShort(at + 5, (short) side).putShort(at + 7, (short) side);
        return jpeg;
      }
    }
  }
}
