package dev.reverie.lerobot;

import dev.reverie.rollout.CameraImage;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Pictures in files: written as PNG, read as PNG or JPEG. */
final class Png {
  /** A few bytes can claim any size: more than any camera has is not believed. */
  private static final long MAX_PIXELS = 1 << 26;

  static {
    ImageIO.setUseCache(false); // no temporary files
  }

  private Png() {}

  /** Encodes a picture with 8 bits a channel, without loss. */
  static byte[] encode(CameraImage image) {
    BufferedImage buffered =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    int[] pixels = new int[rgb.length / 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] =
          (rgb[3 * i] & 0xFF) << 16 | (rgb[3 * i + 1] & 0xFF) << 8 | (rgb[3 * i + 2] & 0xFF);
    }
    buffered.setRGB(0, 0, image.width(), image.height(), pixels, 0, image.width());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(buffered, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // none in memory
    }
    return out.toByteArray();
  }

  /**
   * Decodes a PNG or JPEG.
   *
   * @param what for the message where it is no picture
   */
  static CameraImage decode(byte[] file, String what) {
    BufferedImage image = read(file, what);
    int width = image.getWidth();
    int height = image.getHeight();
    Raster raster = image.getRaster();
    if (raster.getNumBands() == 1 && image.getType() == BufferedImage.TYPE_BYTE_GRAY) {
      // getRGB would take them for linear light and brighten them.
      byte[] gray = (byte[]) raster.getDataElements(0, 0, width, height, null);
      return CameraImage.decode("mono8", width, height, width, gray);
    }
    int[] pixels = image.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[Math.multiplyExact(pixels.length, 3)];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return new CameraImage(width, height, rgb);
  }

  private static BufferedImage read(byte[] file, String what) {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new LerobotException(
            "%s is no PNG or JPEG; store the pictures as PNG".formatted(what));
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new LerobotException("%s says that it has %d pixels".formatted(what, pixels));
        }
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new LerobotException("%s cannot be decoded: %s".formatted(what, e), e);
    }
  }
}
