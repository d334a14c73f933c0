package dev.reverie.rollout;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The size that a compressed picture says it has, and whether it has colours. It is looked at
 * before memory is set aside for the pixels: a few bytes can say that they stand for gigabytes.
 *
 * @param width pixels of a row
 * @param height rows
 * @param grey whether it has no colours
 */
public record PictureSize(int width, int height, boolean grey) {
  /** Most pixels of one picture: 192 MiB as RGB. */
  private static final long MAX_PIXELS = 64L << 20;

  private static final long PNG_MAGIC = 0x89504e470d0a1a0aL;
  private static final int PNG_END = 0x49454e44; // IEND
  private static final int PNG_HEAD = 25;
  private static final int JPEG_MAGIC = 0xffd8;
  private static final int JPEG_END = 0xffd9;

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

  /**
   * Reads what a picture says of itself.
   *
   * @throws IllegalArgumentException where it is no JPEG or PNG, says that it has too many pixels,
   *     or ends too soon
   */
  public static PictureSize read(byte[] compressed) {
    check(compressed);
    ByteBuffer bytes = ByteBuffer.wrap(compressed);
    PictureSize size = of(bytes);
    if (size == null) {
      throw new IllegalArgumentException(
          "%d bytes are no picture; send JPEG or PNG".formatted(compressed.length));
    }
    if (!isWhole(bytes)) {
      throw new IllegalArgumentException(
          "a picture of %dx%d pixels ends too soon, after %d bytes"
              .formatted(size.width, size.height, compressed.length));
    }
    return size;
  }

  /**
   * Returns whether the end of a picture is there; what may follow it plays no role, and what
   * stands before its frame may be a small picture with an end of its own.
   */
  private static boolean isWhole(ByteBuffer bytes) {
    boolean png = bytes.getLong(0) == PNG_MAGIC;
    int begin = png ? PNG_HEAD : frame(bytes);
    for (int at = bytes.capacity() - (png ? 8 : 2); at > begin; at--) {
      if (png ? bytes.getInt(at) == PNG_END : (bytes.getShort(at) & 0xffff) == JPEG_END) {
        return true;
      }
    }
    return false;
  }

  /** Null where it is neither, or ends before it says its size. */
  private static @Nullable PictureSize of(ByteBuffer bytes) {
    if (bytes.capacity() >= 26 && bytes.getLong(0) == PNG_MAGIC) {
      int width = bytes.getInt(16);
      int height = bytes.getInt(20);
      boolean grey = (bytes.get(25) & 2) == 0; // of the colour type
      return width < 0 || height < 0 ? null : new PictureSize(width, height, grey);
    }
    return bytes.capacity() > 2 && (bytes.getShort(0) & 0xffff) == JPEG_MAGIC ? jpeg(bytes) : null;
  }

  private static @Nullable PictureSize jpeg(ByteBuffer bytes) {
    int at = frame(bytes);
    return at < 0
        ? null
        : new PictureSize(
            bytes.getShort(at + 7) & 0xffff,
            bytes.getShort(at + 5) & 0xffff,
            at + 9 < bytes.capacity() && bytes.get(at + 9) == 1);
  }

  /** The place of the frame header, which stands after any number of other segments; or -1. */
  private static int frame(ByteBuffer bytes) {
    int at = 2;
    while (at + 9 <= bytes.capacity()) {
      int marker = bytes.get(at + 1) & 0xff;
      if (bytes.get(at) != (byte) 0xff || marker == 0xff || marker == 0) {
        at++; // between segments decoders pass over what is no marker
      } else if (marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
        at += 2; // markers without a segment
      } else if (isFrame(marker)) {
        return at;
      } else {
        at += 2 + (bytes.getShort(at + 2) & 0xffff);
      }
    }
    return -1;
  }

  /**
   * Returns whether a marker begins a frame: of those from 0xc0 to 0xcf three mean other things.
   */
  private static boolean isFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }
}
