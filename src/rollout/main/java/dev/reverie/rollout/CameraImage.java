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
  /** The encodings that carry colour, in the words of sensor_msgs/image_encodings.hpp. */
  public static final List<String> ENCODINGS = PixelLayout.COLOUR;

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
   * Decodes a picture from the fields of sensor_msgs/Image; a grey one ({@code mono8}) to three
   * equal channels.
   *
   * @param encoding one of {@link #ENCODINGS}, or {@code mono8}
   * @param stepBytes from one row to the next
   * @param data not copied where it is RGB without padding
   * @throws IllegalArgumentException where the encoding is none of those, or bytes are missing
   */
  public static CameraImage decode(
      String encoding, int width, int height, int stepBytes, byte[] data) {
    PixelLayout layout =
        PixelLayout.of(encoding)
            .orElseThrow(() -> new IllegalArgumentException("the image " + unseen(encoding)));
    if (!layout.holds(width, height, stepBytes, data.length)) {
      throw new IllegalArgumentException(
          "the %s image of %dx%d pixels has %d bytes a row and %d bytes in all"
              .formatted(encoding, width, height, stepBytes, data.length));
    }
    return layout == PixelLayout.RGB && stepBytes == 3 * width && data.length == stepBytes * height
        ? new CameraImage(width, height, data)
        : new CameraImage(width, height, layout.decode(data, width, height, stepBytes));
  }

  /** Returns whether so many bytes hold a picture of an encoding of {@link #ENCODINGS}. */
  public static boolean holds(
      String encoding, int width, int height, int stepBytes, long dataBytes) {
    return PixelLayout.of(encoding)
        .filter(layout -> layout.holds(width, height, stepBytes, dataBytes))
        .isPresent();
  }

  /**
   * Says why a policy of colour cannot see an image of an encoding that is none of {@link
   * #ENCODINGS}.
   *
   * @return a sentence without its subject
   */
  public static String unseen(String encoding) {
    String why =
        switch (encoding) {
          case "mono8", "mono16", "8UC1" -> ", which is grey";
          case "16UC1", "16SC1", "32FC1", "64FC1" -> ", which is depth or other raw numbers";
          case "8UC2", "8UC3", "8UC4" -> ", which does not tell the order of its colours";
          default -> "";
        };
    return "has the encoding '%s'%s; set the camera to one of %s"
        .formatted(encoding, why, ENCODINGS);
  }

  /** The picture as a message, {@code rgb8}. */
  public Image message(Header header) {
    return new Image(header, height, width, "rgb8", (byte) 0, 3 * width, rgb);
  }
}
