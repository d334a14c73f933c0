package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureStatisticsTest {
  private static final int SIDE = 16;

  @TempDir Path folder;

  /** A picture whose left half is bright; red, green and blue by these amounts less. */
  private static byte[] picture(int bright, int dark, int green, int blue) {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int value = i % SIDE < SIDE / 2 ? bright : dark;
      rgb[3 * i] = (byte) value;
      rgb[3 * i + 1] = (byte) (value - green);
      rgb[3 * i + 2] = (byte) (value - blue);
    }
    return rgb;
  }

  @Test
  void meanDeviationAndThumbnailAreThoseOfThePixels() {
    var one = PictureStatistics.of(List.of(picture(200, 100, 10, 20)), SIDE, SIDE);
    assertEquals(List.of(150.0, 140.0, 130.0), one.mean());
    assertEquals(List.of(50.0, 50.0, 50.0), one.deviation());
    assertEquals(List.of(200, 190, 180), one.thumbnail().subList(0, 3));
    assertEquals(List.of(100, 90, 80), one.thumbnail().subList(3 * 7, 3 * 8));
    assertEquals(0, one.spread());
    assertEquals(140, one.brightness(), 1e-9);
  }

  @Test
  void theSpreadIsHowFarOnePictureIsFromTheMeanOne() {
    var two =
        PictureStatistics.of(List.of(picture(110, 110, 0, 0), picture(90, 90, 0, 0)), SIDE, SIDE);
    assertEquals(10, two.spread());
    assertEquals(List.of(10.0, 10.0, 10.0), two.deviation());
    var mean = PictureStatistics.of(List.of(picture(100, 100, 0, 0)), SIDE, SIDE);
    assertEquals(0, two.distance(mean));
    assertEquals(
        30, mean.distance(PictureStatistics.of(List.of(picture(130, 70, 0, 0)), SIDE, SIDE)));
  }

  @Test
  void aPictureOfFewerPixelsThanTheThumbnailIsTaken() {
    var small = PictureStatistics.of(List.of(new byte[4 * 4 * 3]), 4, 4);
    assertEquals(0, small.distance(small));
  }

  @Test
  void bytesThatMakeNoPictureAreRefused() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> PictureStatistics.of(List.of(new byte[5]), SIDE, SIDE),
        "5 bytes",
        "16x16");
  }

  @Test
  void aBundleKeepsThemThroughTrainingAndBundlesOfBeforeHaveNone() throws Exception {
    PolicyBundle plain = TinyPolicy.bundle();
    assertEquals(Map.of(), plain.pictures());
    var seen = PictureStatistics.of(List.of(picture(200, 100, 10, 20)), SIDE, SIDE);
    PolicyBundle bundle = plain.withPictures(Map.of("front", seen));
    assertTrue(!bundle.id().equals(plain.id()));
    Path saved = folder.resolve("saved");
    bundle.withWeights(bundle.weights()).withLineage(BundleSpec.Lineage.NONE).save(saved);
    assertEquals(Map.of("front", seen), PolicyBundle.load(saved).pictures());
    plain.save(folder.resolve("plain"));
    assertEquals(plain.id(), PolicyBundle.load(folder.resolve("plain")).id());
  }

  @Test
  void damagedStatisticsAreRefused() throws Exception {
    var seen = PictureStatistics.of(List.of(picture(200, 100, 10, 20)), SIDE, SIDE);
    Path saved = folder.resolve("saved");
    TinyPolicy.bundle().withPictures(Map.of("front", seen)).save(saved);
    Files.writeString(saved.resolve("pictures.json"), "{}");
    Refusal.of(
        BundleException.class,
        () -> PolicyBundle.load(saved),
        "pictures.json was changed",
        "copy the whole folder again");
    Files.delete(saved.resolve("pictures.json"));
    Refusal.of(BundleException.class, () -> PolicyBundle.load(saved), "no file pictures.json");
  }

  @Test
  void statisticsOfOtherSizesAreRefused() {
    byte[] json =
        "{\"front\": {\"pictures\": 1, \"mean\": [1], \"deviation\": [1, 1, 1], \"thumbnail\": [], \"spread\": 0}}"
            .getBytes(StandardCharsets.UTF_8);
    var refused =
        assertThrows(BundleException.class, () -> BundleJson.parsePictures(json)).getMessage();
    assertTrue(String.valueOf(refused).contains("pictures.json.front"), refused);
  }
}
