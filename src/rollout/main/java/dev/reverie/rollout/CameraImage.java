package dev.reverie.rollout;

import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import java.util.List;

/**
 * One picture of a camera, 8 bits a channel.
 *
 * @param rgb [height, width, 3] row-major, not copied: do not change it afterwards
 */
public record CameraImage(int width, int height, byte[] rgb) {
  /**
   * The encodings that {@link #decode} understands, in the words of
   * sensor_msgs/image_encodings.hpp.
   */
  public static final List<String> ENCODINGS = List.of("rgb8", "bgr8", "mono8");

  /** Checks that the bytes make a picture of this size. */
  public CameraImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%d bytes do not make a %dx%d RGB picture".formatted(rgb.length, width, height));
    }
  }

  /**
   * Decodes a message.
   *
   * @throws IllegalArgumentException where the encoding is none of those, or bytes are missing
   */
  public static CameraImage of(Image message) {
    return decode(
        message.encoding(), message.width(), message.height(), message.step(), message.data());
  }

  /**
   * Decodes a picture from the fields of sensor_msgs/Image.
   *
   * @param encoding one of {@link #ENCODINGS}
   * @param stepBytes from one row to the next
   * @param data not copied where it is RGB without padding
   */
  public static CameraImage decode(
      String encoding, int width, int height, int stepBytes, byte[] data) {
    if (!ENCODINGS.contains(encoding)) {
      throw new IllegalArgumentException(
          "the image has the encoding '%s'; set the camera to one of %s"
              .formatted(encoding, ENCODINGS));
    }
    int channels = encoding.equals("mono8") ? 1 : 3;
    if (width < 1
        || height < 1
        || stepBytes < (long) width * channels
        || data.length < (long) stepBytes * height
        || 3L * width * height > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the %s image of %dx%d pixels has %d bytes a row and %d bytes in all"
              .formatted(encoding, width, height, stepBytes, data.length));
    }
    if (encoding.equals("rgb8") && stepBytes == 3 * width && data.length == stepBytes * height) {
      return new CameraImage(width, height, data);
    }
    byte[] rgb = new byte[width * height * 3];
    for (int row = 0; row < height; row++) {
      copyRow(encoding, data, row * stepBytes, rgb, row * width * 3, width);
    }
    return new CameraImage(width, height, rgb);
  }

  /** The picture as a message, {@code rgb8}. */
  public Image message(Header header) {
    return new Image(header, height, width, "rgb8", (byte) 0, 3 * width, rgb);
  }

  private static void copyRow(
      String encoding, byte[] data, int from, byte[] rgb, int to, int width) {
    switch (encoding) {
      case "rgb8" -> System.arraycopy(data, from, rgb, to, width * 3);
      case "bgr8" -> {
        for (int i = 0; i < width * 3; i += 3) {
          rgb[to + i] = data[from + i + 2];
          rgb[to + i + 1] = data[from + i + 1];
          rgb[to + i + 2] = data[from + i];
        }
      }
      default -> {
        for (int i = 0; i < width; i++) {
          rgb[to + 3 * i] = data[from + i];
          rgb[to + 3 * i + 1] = data[from + i];
          rgb[to + 3 * i + 2] = data[from + i];
        }
      }
    }
  }
}
