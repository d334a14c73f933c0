package dev.reverie.round;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A moving picture for a page without scripts: all frames side by side in one PNG, moved by CSS.
 *
 * @param width of one frame in pixels
 * @param strip the frames, time from left to right
 */
record Film(int width, BufferedImage strip) {

  private static final int SCALE = 3;
  private static final double FRAMES_PER_SECOND = 10;

  Film {
    if (width <= 0 || strip.getWidth() % width != 0) {
      throw new IllegalArgumentException(
          "a strip of %d pixels holds no whole number of frames of %d"
              .formatted(strip.getWidth(), width));
    }
  }

  String html(String caption) {
    int frames = strip.getWidth() / width;
    int wide = strip.getWidth() * SCALE;
    int high = strip.getHeight() * SCALE;
    return String.format(
        Locale.ROOT,
        "<figure><div class=\"film\" style=\"width:%dpx;height:%dpx;background-image:url(data:"
            + "image/png;base64,%s);background-size:%dpx %dpx;--end:-%dpx;animation:film %.1fs"
            + " steps(%d) infinite\"></div><figcaption>%s</figcaption></figure>%n",
        width * SCALE,
        high,
        Base64.getEncoder().encodeToString(png()),
        wide,
        high,
        wide,
        frames / FRAMES_PER_SECOND,
        frames,
        Html.escape(caption));
  }

  private byte[] png() {
    var out = new ByteArrayOutputStream();
    try {
      ImageIO.write(strip, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
