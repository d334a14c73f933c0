package dev.reverie.testing;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Compresses pictures by the JDK, as a camera's image transport does. */
public final class Pictures {
  private Pictures() {}

  /**
   * Encodes a picture.
   *
   * @param format "png" or "jpeg"
   * @param rgb [height, width, 3]
   */
  public static byte[] encode(String format, int width, int height, byte[] rgb) {
    var picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      int pixel =
          (rgb[3 * i] & 0xff) << 16 | (rgb[3 * i + 1] & 0xff) << 8 | (rgb[3 * i + 2] & 0xff);
      picture.setRGB(i % width, i / width, pixel);
    }
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(picture, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // none in memory
    }
    return bytes.toByteArray();
  }
}
