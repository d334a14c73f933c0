package dev.reverie.sim;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws episodes on one PNG: a row each, every fourth picture and the last one. */
final class ContactSheet {
  private static final int EVERY = 4;
  private static final int SCALE = 2;

  private ContactSheet() {}

  /**
   * Writes the sheet.
   *
   * @param episodes pictures of each, [size, size, 3] red, green, blue
   */
  static void write(Path file, List<List<byte[]>> episodes, int size) throws IOException {
    int longest = episodes.stream().mapToInt(List::size).max().orElse(1);
    int columns = (longest + EVERY - 1) / EVERY + 1;
    int cell = size * SCALE;
    var sheet =
        new BufferedImage(columns * cell, episodes.size() * cell, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < episodes.size(); row++) {
      List<byte[]> pictures = episodes.get(row);
      for (int column = 0; column * EVERY < pictures.size(); column++) {
        draw(sheet, pictures.get(column * EVERY), size, column * cell, row * cell);
      }
      draw(sheet, pictures.getLast(), size, (columns - 1) * cell, row * cell);
    }
    ImageIO.write(sheet, "png", file.toFile());
  }

  private static void draw(BufferedImage sheet, byte[] rgb, int size, int left, int top) {
    for (int y = 0; y < size * SCALE; y++) {
      for (int x = 0; x < size * SCALE; x++) {
        int i = 3 * (y / SCALE * size + x / SCALE);
        int colour = (rgb[i] & 0xff) << 16 | (rgb[i + 1] & 0xff) << 8 | (rgb[i + 2] & 0xff);
        sheet.setRGB(left + x, top + y, colour);
      }
    }
  }
}
