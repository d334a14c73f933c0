package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.reverie.trainer.data.Canvas;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/**
 * Pictures of a canvas for a page: one a camera, small ones without loss.
 *
 * @param canvas that they are of
 */
record PlayPictures(Canvas canvas) {
  /** Pictures of this width or less have to be seen pixel by pixel. */
  private static final int SMALL = 128;

  /**
   * Cuts out and codes the views.
   *
   * @param planes [3, H, W], uint8
   * @return each with its camera, type and bytes in base64
   */
  ArrayNode of(byte[] planes) {
    ArrayNode list = RunReport.JSON.createArrayNode();
    for (Canvas.View view : canvas.views()) {
      String format = view.width() <= SMALL ? "png" : "jpeg";
      list.addObject()
          .put("camera", view.camera())
          .put("type", "image/" + format)
          .put("data", Base64.getEncoder().encodeToString(coded(picture(view, planes), format)));
    }
    return list;
  }

  private BufferedImage picture(Canvas.View view, byte[] planes) {
    var image = new BufferedImage(view.width(), view.height(), BufferedImage.TYPE_INT_RGB);
    int pixels = canvas.pixels();
    for (int y = 0; y < view.height(); y++) {
      for (int x = 0; x < view.width(); x++) {
        int at = (view.y() + y) * canvas.width() + view.x() + x;
        int color =
            (planes[at] & 255) << 16
                | (planes[pixels + at] & 255) << 8
                | (planes[2 * pixels + at] & 255);
        image.setRGB(x, y, color);
      }
    }
    return image;
  }

  private static byte[] coded(BufferedImage image, String format) {
    ImageIO.setUseCache(false); // no temporary files
    var bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot code a picture", e);
    }
    return bytes.toByteArray();
  }
}
