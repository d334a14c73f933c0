package dev.reverie.rollout;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * Decodes JPEG and PNG by the JDK, to check and show recordings where OpenCV is not at hand. Its
 * JPEG may differ from OpenCV's in the last bit, so nothing is trained on it.
 */
final class JdkPictures {
  static {
    ImageIO.setUseCache(false); // nothing to the disk
  }

  private JdkPictures() {}

  static CameraImage decode(byte[] compressed) {
    PictureSize.check(compressed);
    @Nullable BufferedImage picture;
    try {
      picture = ImageIO.read(new ByteArrayInputStream(compressed));
    } catch (IOException | RuntimeException e) { // the decoders throw what they like
      throw new IllegalArgumentException(
          "a compressed picture is damaged or of another kind than JPEG and PNG: " + e, e);
    }
    if (picture == null) {
      throw new IllegalArgumentException(
          "%d bytes are no picture; send JPEG or PNG".formatted(compressed.length));
    }
    int width = picture.getWidth();
    int height = picture.getHeight();
    int[] pixels = picture.getRGB(0, 0, width, height, null, 0, width);
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return new CameraImage(width, height, rgb);
  }
}
