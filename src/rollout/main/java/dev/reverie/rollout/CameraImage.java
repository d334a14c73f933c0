package dev.reverie.rollout;

/**
 * One picture of a camera, 8 bits a channel.
 *
 * @param rgb [height, width, 3] row-major, not copied: do not change it afterwards
 */
public record CameraImage(int width, int height, byte[] rgb) {
  public CameraImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "%d bytes do not make a %dx%d RGB picture".formatted(rgb.length, width, height));
    }
  }
}
