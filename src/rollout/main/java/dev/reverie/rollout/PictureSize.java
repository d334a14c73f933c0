package dev.reverie.rollout;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The size that a compressed picture says it has. It is looked at before memory is set aside for
 * the pixels: a few bytes can say that they stand for gigabytes.
 *
 * @param width pixels of a row
 * @param height rows
 */
public record PictureSize(int width, int height) {
  /** Most pixels of one picture: 192 MiB as RGB. */
  private static final long MAX_PIXELS = 64L << 20;

  private static final long PNG_MAGIC = 0x89504e470d0a1a0aL;
  private static final int JPEG_MAGIC = 0xffd8;

  /**
   * Refuses a JPEG or PNG that says it has more pixels than are decoded.
   *
   * @throws IllegalArgumentException where it does
   */
  public static void check(byte[] compressed) {
    PictureSize size = of(ByteBuffer.wrap(compressed));
    if (size != null && (long) size.width * size.height > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "a picture says it has %dx%d pixels in %d bytes, and at most %d are decoded; send smaller ones"
              .formatted(size.width, size.height, compressed.length, MAX_PIXELS));
    }
  }

  /** Null where it is neither, or ends before it says its size. */
  private static @Nullable PictureSize of(ByteBuffer bytes) {
    if (bytes.capacity() >= 24 && bytes.getLong(0) == PNG_MAGIC) {
      int width = bytes.getInt(16);
      int height = bytes.getInt(20);
      return width < 0 || height < 0 ? null : new PictureSize(width, height);
    }
    return bytes.capacity() > 2 && (bytes.getShort(0) & 0xffff) == JPEG_MAGIC ? jpeg(bytes) : null;
  }

  /** Reads the frame header, which stands after any number of other segments. */
  private static @Nullable PictureSize jpeg(ByteBuffer bytes) {
    int at = 2;
    while (at + 9 <= bytes.capacity()) {
      int marker = bytes.get(at + 1) & 0xff;
      if (bytes.get(at) != (byte) 0xff || marker == 0xff || marker == 0) {
        at++; // between segments decoders pass over what is no marker
      } else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
        at += 2; // markers without a segment
      } else if (isFrame(marker)) {
        return new PictureSize(bytes.getShort(at + 7) & 0xffff, bytes.getShort(at + 5) & 0xffff);
      } else {
        at += 2 + (bytes.getShort(at + 2) & 0xffff);
      }
    }
    return null;
  }

  /**
   * Returns whether a marker begins a frame: of those from 0xc0 to 0xcf three mean other things.
   */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }
}
