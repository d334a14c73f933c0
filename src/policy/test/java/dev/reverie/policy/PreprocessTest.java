package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Pictures;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opencv.core.Core;

class PreprocessTest {
  /** Left half black, right half (200, 100, 50). */
  private static CameraImage halves(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    for (int i = 0; i < width * height; i++) {
      if (i % width >= width / 2) {
        rgb[3 * i] = (byte) 200;
        rgb[3 * i + 1] = 100;
        rgb[3 * i + 2] = 50;
      }
    }
    return new CameraImage(width, height, rgb);
  }

  private static BundleSpec.Camera camera(int width, int height, BundleSpec.Crop crop) {
    return new BundleSpec.Camera("camera", width, height, false, crop);
  }

  @Test
  void aPictureOfTheRightSizePassesUnchanged() {
    CameraImage image = halves(48, 48);
    Preprocess step = new Preprocess(new BundleSpec.Camera("camera", 48, 48));
    assertArrayEquals(image.rgb(), step.apply(image));
  }

  @Test
  void aLargerPictureIsAveragedOverAreas() {
    byte[] rgb = {0, 0, 0, 100, 100, 100, 50, 60, 70, 50, 60, 70};
    Preprocess step = new Preprocess(new BundleSpec.Camera("camera", 1, 1));
    assertArrayEquals(new byte[] {50, 55, 60}, step.apply(new CameraImage(2, 2, rgb)));
  }

  @Test
  void theCropIsCutOutBeforeResizing() {
    Preprocess right = new Preprocess(camera(2, 2, new BundleSpec.Crop(0.5, 0, 0.5, 1)));
    byte[] pixel = {(byte) 200, 100, 50};
    byte[] view = right.apply(halves(640, 480));
    for (int i = 0; i < 4; i++) {
      assertArrayEquals(pixel, Arrays.copyOfRange(view, 3 * i, 3 * i + 3));
    }
  }

  @Test
  void aLensWithoutDistortionChangesNothingAndOneWithDoes() {
    BundleSpec.Camera camera = new BundleSpec.Camera("camera", 64, 48, true, BundleSpec.Crop.NONE);
    double[] matrix = {60, 0, 31.5, 0, 60, 23.5, 0, 0, 1};
    CameraImage image = halves(64, 48);
    var straight = new CameraCalibration(64, 48, "plumb_bob", new double[] {0, 0, 0, 0, 0}, matrix);
    var bent =
        new CameraCalibration(64, 48, "plumb_bob", new double[] {-0.4, 0.1, 0.05, 0.05, 0}, matrix);
    assertArrayEquals(image.rgb(), new Preprocess(camera, Optional.of(straight)).apply(image));
    assertTrue(!Arrays.equals(image.rgb(), new Preprocess(camera, Optional.of(bent)).apply(image)));
    assertThrows(IllegalArgumentException.class, () -> new Preprocess(camera));
  }

  @Test
  void aLensIsScaledToPicturesOfAnotherSizeAndRefusesThoseThatWereCut() {
    BundleSpec.Camera camera = new BundleSpec.Camera("wrist", 32, 24, true, BundleSpec.Crop.NONE);
    double[] matrix = {60, 0, 31.5, 0, 60, 23.5, 0, 0, 1};
    double[] bend = {-0.4, 0.1, 0, 0, 0};
    var large = new CameraCalibration(64, 48, "plumb_bob", bend, matrix);
    Preprocess step = new Preprocess(camera, Optional.of(large));
    Preprocess same = new Preprocess(camera, Optional.of(large.scaledTo(32, 24)));
    assertArrayEquals(same.apply(halves(32, 24)), step.apply(halves(32, 24)));
    byte[] whole = step.apply(halves(64, 48)); // and back to the size that it was made with
    assertArrayEquals(new Preprocess(camera, Optional.of(large)).apply(halves(64, 48)), whole);
    Refusal.of(
        IllegalArgumentException.class,
        () -> step.apply(halves(48, 48)),
        "'wrist'",
        "48x48",
        "64x48",
        "calibrate it at this size");
  }

  @Test
  void rawPicturesOfEveryEncodingBecomeRgb() {
    byte[] padded = {1, 2, 3, 4, 5, 6, 99, 99}; // one row of two pixels, 8 bytes a row
    assertArrayEquals(
        new byte[] {1, 2, 3, 4, 5, 6}, CameraImage.decode("rgb8", 2, 1, 8, padded).rgb());
    assertArrayEquals(
        new byte[] {3, 2, 1, 6, 5, 4}, CameraImage.decode("bgr8", 2, 1, 8, padded).rgb());
    assertArrayEquals(
        new byte[] {1, 1, 1, 2, 2, 2}, CameraImage.decode("mono8", 2, 1, 8, padded).rgb());
  }

  @Test
  void picturesThatDoNotFitTheirDescriptionAreRefused() {
    byte[] data = new byte[12];
    assertThrows(IllegalArgumentException.class, () -> CameraImage.decode("16UC1", 2, 2, 6, data));
    assertThrows(IllegalArgumentException.class, () -> CameraImage.decode("rgb8", 2, 3, 6, data));
    assertThrows(IllegalArgumentException.class, () -> CameraImage.decode("rgb8", 2, 2, 5, data));
    assertThrows(
        IllegalArgumentException.class, () -> CameraImage.decode("rgb8", 65536, 65536, 0, data));
    assertThrows(IllegalArgumentException.class, () -> Preprocess.decode(data));
    assertThrows(IllegalArgumentException.class, () -> Preprocess.decode(new byte[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg"})
  void compressedPicturesAreDecodedAsRgb(String format) {
    byte[] rgb = new byte[32 * 16 * 3];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = (byte) 200;
      rgb[i + 1] = 100;
      rgb[i + 2] = 50;
    }
    CameraImage decoded = Preprocess.decode(Pictures.encode(format, 32, 16, rgb));
    assertEquals(32, decoded.width());
    assertEquals(16, decoded.height());
    assertEquals(200, decoded.rgb()[0] & 255, 2);
    assertEquals(100, decoded.rgb()[1] & 255, 2);
    assertEquals(50, decoded.rgb()[2] & 255, 2);
  }

  @Test
  void aPictureThatSaysItIsHugeIsRefusedBeforeItIsDecoded() {
    byte[] png = ByteBuffer.allocate(33).putLong(0x89504e470d0a1a0aL).array();
    ByteBuffer.wrap(png).putInt(8, 13).putInt(12, 0x49484452).putInt(16, 30_000).putInt(20, 30_000);
    Refusal.of(IllegalArgumentException.class, () -> Preprocess.decode(png), "30000x30000 pixels");
  }

  @Test
  void openCvRunsWithoutItsWindows() throws IOException {
    new Preprocess(new BundleSpec.Camera("camera", 2, 2)).apply(halves(4, 4));
    String maps = Files.readString(Path.of("/proc/self/maps"));
    assertTrue(maps.contains("libopencv_imgproc"));
    assertTrue(!maps.contains("highgui") && !maps.contains("libgtk"));
    assertSame(1, Core.getNumThreads());
  }
}
