package dev.reverie.report;

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
public record MovingPicture(int width, BufferedImage strip) {
  private static final double FRAMES_PER_SECOND = 10;

  public MovingPicture {
    if (width <= 0 || strip.getWidth() % width != 0) {
      throw new IllegalArgumentException(
          "a strip of %d pixels holds no whole number of frames of %d"
              .formatted(strip.getWidth(), width));
    }
  }

  /** The picture with its caption; it takes the width that it is given. */
  public String html(String caption) {
    int frames = strip.getWidth() / width;
    return String.format(
        Locale.ROOT,
        "<figure><div class=\"film\" style=\"aspect-ratio:%d/%d;background-image:url(data:image/png;base64,%s);"
            + "background-size:%d%% 100%%;animation-duration:%.1fs;animation-timing-function:steps(%d,jump-none)\">"
            + "</div><figcaption>%s</figcaption></figure>%n",
        width,
        strip.getHeight(),
        Base64.getEncoder().encodeToString(png()),
        100 * frames,
        frames / FRAMES_PER_SECOND,
        Math.max(2, frames), // CSS refuses one step
        Page.escape(caption));
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
