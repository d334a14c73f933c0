package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SequencedMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FeatureStatsTest {
  private static final double EXACT = 1e-12;

  /** 0 to 100, and twice that with the other sign. */
  private static List<double[]> ramp(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> new double[] {i, -2 * i}).toList();
  }

  @Test
  void quantilesOfARampStandWhereNumpyPutsThem() {
    FeatureStats stats = FeatureStats.of(ramp(0, 100));
    assertEquals(101, stats.count());
    assertArrayEquals(new double[] {0, -200}, stats.min());
    assertArrayEquals(new double[] {100, 0}, stats.max());
    assertArrayEquals(new double[] {50, -100}, stats.mean(), EXACT);
    // numpy.std(numpy.arange(101))
    assertArrayEquals(new double[] {29.154759474226502, 58.309518948453004}, stats.std(), 1e-9);
    for (int q = 0; q < 5; q++) {
      double[] at = {1, 10, 50, 90, 99};
      assertArrayEquals(new double[] {at[q], -200 + 2 * at[q]}, stats.quantiles()[q], 1e-9);
    }
  }

  @Test
  void twoPartsTogetherHaveTheMeanAndDeviationOfTheWhole() {
    FeatureStats whole = FeatureStats.of(ramp(0, 100));
    FeatureStats parts = FeatureStats.of(ramp(0, 29)).and(FeatureStats.of(ramp(30, 100)));
    assertEquals(whole.count(), parts.count());
    assertArrayEquals(whole.min(), parts.min());
    assertArrayEquals(whole.max(), parts.max());
    assertArrayEquals(whole.mean(), parts.mean(), 1e-9);
    assertArrayEquals(whole.std(), parts.std(), 1e-9);
    double weighted = (30 * 14.5 + 71 * 65) / 101; // of the medians, as LeRobot does it
    assertEquals(weighted, parts.quantiles()[2][0], 1e-9);
  }

  @Test
  void picturesCountFrom0To1WithTheShapeOfAChannel() {
    long[][] pixels = new long[3][256];
    pixels[0][0] = 75;
    pixels[0][255] = 25;
    pixels[1][51] = 100;
    pixels[2][102] = 100;
    FeatureStats stats = FeatureStats.ofPixels(4, pixels);
    assertArrayEquals(new double[] {0.25, 0.2, 0.4}, stats.mean(), EXACT);
    assertArrayEquals(new double[] {Math.sqrt(3) / 4, 0, 0}, stats.std(), 1e-7);
    assertArrayEquals(new double[] {0, 0.2, 0.4}, stats.min(), EXACT);
    assertArrayEquals(new double[] {1, 0.2, 0.4}, stats.max(), EXACT);
    SequencedMap<String, Object> json = stats.json(true);
    assertEquals(List.of(4L), json.get("count"));
    assertEquals(shaped(1, 0.2, 0.4), json.get("max"));
    assertEquals(shaped(1, 0.2, 0.4), json.get("q90"));
    assertEquals(shaped(0, 0.2, 0.4), json.get("q50"));
  }

  private static List<?> shaped(double... channels) {
    return DoubleStream.of(channels).mapToObj(value -> List.of(List.of(value))).toList();
  }
}
