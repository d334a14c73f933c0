package dev.reverie.rollout;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The layout of 8-bit pixels in a sensor_msgs/Image: names as in sensor_msgs/image_encodings.hpp,
 * where {@code yuv422} begins with U and {@code yuv422_yuy2} with Y. To RGB as OpenCV and cv_bridge
 * do it, to the last bit: YUV by BT.601 of 16 to 235, a Bayer mosaic by the mean of the neighbours.
 */
enum PixelLayout {
  RGB(3, "rgb8"),
  BGR(3, "bgr8"),
  RGBA(4, "rgba8"),
  BGRA(4, "bgra8"),
  YUYV(2, "yuyv", "yuv422_yuy2"),
  UYVY(2, "uyvy", "yuv422"),
  NV12(1, "nv12"),
  NV21(1, "nv21"),
  NV24(1, "nv24"),
  BAYER_RGGB(1, "bayer_rggb8"),
  BAYER_BGGR(1, "bayer_bggr8"),
  BAYER_GBRG(1, "bayer_gbrg8"),
  BAYER_GRBG(1, "bayer_grbg8"),
  GREY(1, "mono8");

  /** Names of those that carry colour. */
  static final List<String> COLOUR =
      Arrays.stream(values())
          .filter(layout -> layout != GREY)
          .flatMap(layout -> layout.names.stream())
          .toList();

  private final int pixelBytes;
  private final List<String> names;

  PixelLayout(int pixelBytes, String... names) {
    this.pixelBytes = pixelBytes;
    this.names = List.of(names);
  }

  static Optional<PixelLayout> of(String encoding) {
    return Arrays.stream(values()).filter(layout -> layout.names.contains(encoding)).findFirst();
  }

  /** Returns whether pixels come two by two in a row, which then has an even number. */
  private boolean isPaired() {
    return this == YUYV || this == UYVY || this == NV12 || this == NV21;
  }

  private boolean isBayer() {
    return names.getFirst().startsWith("bayer_");
  }

  /** Returns whether this many bytes can hold a picture. */
  boolean holds(int width, int height, int step, long length) {
    int least = isBayer() ? 3 : 1;
    long row = (long) (isPaired() ? width + (width & 1) : width) * pixelBytes;
    long rows =
        switch (this) {
          case NV12, NV21 -> height + (height + 1L) / 2;
          case NV24 -> 3L * height;
          default -> height;
        };
    return width >= least
        && height >= least
        && step >= row
        && length >= rows * step
        && 3L * width * height <= Integer.MAX_VALUE;
  }

  /** Decodes a picture that {@link #holds} its bytes; [height, width, 3]. */
  byte[] decode(byte[] data, int width, int height, int step) {
    byte[] rgb = new byte[3 * width * height];
    switch (this) {
      case RGB -> interleaved(data, width, height, step, rgb, 0, 1, 2);
      case BGR, BGRA -> interleaved(data, width, height, step, rgb, 2, 1, 0);
      case RGBA -> interleaved(data, width, height, step, rgb, 0, 1, 2);
      case GREY -> interleaved(data, width, height, step, rgb, 0, 0, 0);
      case YUYV -> packed(data, width, height, step, rgb, 0, 1, 3);
      case UYVY -> packed(data, width, height, step, rgb, 1, 0, 2);
      case NV12 -> planar(data, width, height, step, rgb, 2, 1);
      case NV21 -> planar(data, width, height, step, rgb, 2, 0);
      case NV24 -> planar(data, width, height, step, rgb, 1, 1);
      case BAYER_RGGB -> mosaic(data, width, height, step, rgb, 0, 0);
      case BAYER_GRBG -> mosaic(data, width, height, step, rgb, 1, 0);
      case BAYER_GBRG -> mosaic(data, width, height, step, rgb, 0, 1);
      case BAYER_BGGR -> mosaic(data, width, height, step, rgb, 1, 1);
    }
    return rgb;
  }

  /** Takes red, green and blue from their places in a pixel. */
  private void interleaved(
      byte[] data, int width, int height, int step, byte[] rgb, int red, int green, int blue) {
    int to = 0;
    for (int y = 0; y < height; y++) {
      int from = y * step;
      for (int x = 0; x < width; x++, from += pixelBytes) {
        rgb[to++] = data[from + red];
        rgb[to++] = data[from + green];
        rgb[to++] = data[from + blue];
      }
    }
  }

  /** Two pixels in four bytes: places of the first Y, of U and of V. */
  private static void packed(
      byte[] data, int width, int height, int step, byte[] rgb, int luma, int u, int v) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pair = y * step + (x >> 1) * 4;
        int at = pair + luma + 2 * (x & 1);
        yuv(data[at], data[pair + u], data[pair + v], rgb, 3 * (y * width + x));
      }
    }
  }

  /**
   * A plane of Y, then one of U and V by turns.
   *
   * @param each pixels in each direction that share U and V
   * @param v place of V in a pair; that of U is the other one
   */
  private static void planar(
      byte[] data, int width, int height, int step, byte[] rgb, int each, int v) {
    int chroma = height * step;
    int chromaStep = each == 1 ? 2 * step : step;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pair = chroma + y / each * chromaStep + x / each * 2;
        yuv(data[y * step + x], data[pair + 1 - v], data[pair + v], rgb, 3 * (y * width + x));
      }
    }
  }

  /** BT.601 in numbers of 20 bits after the point. */
  private static void yuv(byte luma, byte cb, byte cr, byte[] rgb, int to) {
    int y = Math.max(0, (luma & 255) - 16) * 1_220_542 + (1 << 19);
    int u = (cb & 255) - 128;
    int v = (cr & 255) - 128;
    rgb[to] = clipped(y + 1_673_527 * v);
    rgb[to + 1] = clipped(y - 852_492 * v - 409_993 * u);
    rgb[to + 2] = clipped(y + 2_116_026 * u);
  }

  private static byte clipped(int value) {
    return (byte) Math.clamp(value >> 20, 0, 255);
  }

  /**
   * One colour a pixel; the others are the means of the neighbours that have them. The outermost
   * pixels are those beside them.
   *
   * @param redX column of the first red pixel
   * @param redY row of the first red pixel
   */
  private static void mosaic(
      byte[] data, int width, int height, int step, byte[] rgb, int redX, int redY) {
    for (int y = 0; y < height; y++) {
      int row = Math.clamp(y, 1, height - 2);
      for (int x = 0; x < width; x++) {
        int column = Math.clamp(x, 1, width - 2);
        boolean redRow = ((row - redY) & 1) == 0;
        boolean redColumn = ((column - redX) & 1) == 0;
        int at = row * step + column;
        int own = data[at] & 255;
        int beside = (data[at - 1] & 255) + (data[at + 1] & 255);
        int above = (data[at - step] & 255) + (data[at + step] & 255);
        int to = 3 * (y * width + x);
        int inRow = redRow ? to : to + 2; // the colour that this row has beside green
        int inOther = redRow ? to + 2 : to;
        if (redRow != redColumn) {
          rgb[inRow] = (byte) ((beside + 1) >> 1);
          rgb[to + 1] = (byte) own;
          rgb[inOther] = (byte) ((above + 1) >> 1);
        } else {
          int across =
              (data[at - step - 1] & 255)
                  + (data[at - step + 1] & 255)
                  + (data[at + step - 1] & 255)
                  + (data[at + step + 1] & 255);
          rgb[inRow] = (byte) own;
          rgb[to + 1] = (byte) ((beside + above + 2) >> 2);
          rgb[inOther] = (byte) ((across + 2) >> 2);
        }
      }
    }
  }
}
