package dev.reverie.policy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Says how the pictures of one camera look to the policy, so that another camera in its place is
 * noticed. Grey levels from 0 to 255.
 *
 * @param pictures that it was made from
 * @param mean of red, green and blue, over all pixels
 * @param deviation of red, green and blue, over all pixels
 * @param thumbnail the mean picture, [SIDE, SIDE, 3]
 * @param spread how far the thumbnail of one picture is from the mean one, root of the mean square
 */
public record PictureStatistics(
    int pictures,
    List<Double> mean,
    List<Double> deviation,
    List<Integer> thumbnail,
    double spread) {
  /** Pixels of a side of the thumbnail. */
  public static final int SIDE = 8;

  private static final int VALUES = SIDE * SIDE * 3;

  /** Checks the sizes. */
  public PictureStatistics {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    thumbnail = List.copyOf(thumbnail);
    if (pictures < 1 || mean.size() != 3 || deviation.size() != 3 || thumbnail.size() != VALUES) {
      throw new IllegalArgumentException(
          "%d pictures, mean %s, deviation %s, thumbnail of %d values; give 1 or more, 3, 3 and %d"
              .formatted(pictures, mean, deviation, thumbnail.size(), VALUES));
    }
  }

  /**
   * Makes the statistics of pictures.
   *
   * @param pictures one or more, each [height, width, 3]
   */
  public static PictureStatistics of(List<byte[]> pictures, int width, int height) {
    double[] sum = new double[3];
    double[] squares = new double[3];
    double[] thumbnail = new double[VALUES];
    List<double[]> thumbnails =
        pictures.stream().map(rgb -> thumbnail(rgb, width, height)).toList();
    for (double[] one : thumbnails) {
      for (int i = 0; i < VALUES; i++) {
        thumbnail[i] += one[i] / thumbnails.size();
      }
    }
    for (byte[] rgb : pictures) {
      for (int i = 0; i < rgb.length; i++) {
        double value = Byte.toUnsignedInt(rgb[i]);
        sum[i % 3] += value;
        squares[i % 3] += value * value;
      }
    }
    double n = (double) width * height * pictures.size();
    double spread =
        thumbnails.stream().mapToDouble(one -> square(one, thumbnail)).average().orElse(0);
    return new PictureStatistics(
        pictures.size(),
        IntStream.range(0, 3).mapToObj(c -> rounded(sum[c] / n)).toList(),
        IntStream.range(0, 3)
            .mapToObj(c -> rounded(Math.sqrt(Math.max(0, squares[c] / n - square(sum[c] / n)))))
            .toList(),
        Arrays.stream(thumbnail).mapToObj(value -> (int) Math.rint(value)).toList(),
        rounded(Math.sqrt(spread)));
  }

  /** Returns how far the mean pictures are apart, root of the mean square, in grey levels. */
  public double distance(PictureStatistics other) {
    return Math.sqrt(
        IntStream.range(0, VALUES)
            .mapToDouble(i -> square((double) thumbnail.get(i) - other.thumbnail.get(i)))
            .average()
            .orElseThrow());
  }

  /** Returns the brightness, the mean of all channels. */
  public double brightness() {
    return mean.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Returns the largest deviation of a channel; near zero where a picture shows nothing. */
  public double contrast() {
    return Collections.max(deviation);
  }

  private static double[] thumbnail(byte[] rgb, int width, int height) {
    if (rgb.length != 3 * width * height) {
      throw new IllegalArgumentException(
          "%d bytes are no picture of %dx%d".formatted(rgb.length, width, height));
    }
    double[] sums = new double[VALUES];
    int[] counts = new int[VALUES];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int cell = y * SIDE / height * SIDE + x * SIDE / width;
        for (int c = 0; c < 3; c++) {
          sums[3 * cell + c] += Byte.toUnsignedInt(rgb[3 * (y * width + x) + c]);
          counts[3 * cell + c]++;
        }
      }
    }
    for (int i = 0; i < VALUES; i++) {
      sums[i] /= Math.max(1, counts[i]); // a picture of fewer pixels has empty cells
    }
    return sums;
  }

  private static double square(double[] one, double[] other) {
    return IntStream.range(0, VALUES)
        .mapToDouble(i -> square(one[i] - other[i]))
        .average()
        .orElse(0);
  }

  private static double square(double value) {
    return value * value;
  }

  private static double rounded(double value) {
    return Math.rint(value * 100) / 100;
  }
}
