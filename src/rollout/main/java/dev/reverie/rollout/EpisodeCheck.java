package dev.reverie.rollout;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An episode that was read to the last picture, of which none is kept: it may be larger than the
 * memory.
 *
 * @param cameras size of the pictures, "640x480", by camera
 */
record EpisodeCheck(Episode episode, Map<String, String> cameras) {
  private static final CameraImage PIXEL = new CameraImage(1, 1, new byte[3]);

  /**
   * Reads a bag to the last picture.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  static EpisodeCheck of(Path bag, Alignment alignment) {
    EpisodeReader reader = EpisodeReader.open(bag, alignment, PictureDecoder.ofJdk());
    Map<String, String> sizes = new TreeMap<>();
    List<Episode> read = new ArrayList<>();
    for (String camera : reader.cameras()) {
      read.add(
          reader.read(
              camera,
              image -> {
                sizes.put(camera, image.width() + "x" + image.height());
                return PIXEL;
              }));
    }
    return new EpisodeCheck(read.getFirst(), sizes);
  }
}
