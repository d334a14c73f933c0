package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.rollout.CameraImage;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** Colours of sensor_msgs/Image are those of OpenCV, as cv_bridge converts them. */
class PixelColoursTest {
  /**
   * OpenCV's conversion of an encoding to RGB. It calls a Bayer mosaic by the second and third
   * pixel of the second row, ROS by the first two of the first.
   *
   * @param code of cvtColor
   * @param rows of a picture of two rows
   */
  private record Encoding(String name, int code, int channels, int rows) {}

  private static Stream<Encoding> encodings() {
    return Stream.of(
        new Encoding("bgr8", Imgproc.COLOR_BGR2RGB, 3, 2),
        new Encoding("rgba8", Imgproc.COLOR_RGBA2RGB, 4, 2),
        new Encoding("bgra8", Imgproc.COLOR_BGRA2RGB, 4, 2),
        new Encoding("yuyv", Imgproc.COLOR_YUV2RGB_YUY2, 2, 2),
        new Encoding("yuv422_yuy2", Imgproc.COLOR_YUV2RGB_YUY2, 2, 2),
        new Encoding("uyvy", Imgproc.COLOR_YUV2RGB_UYVY, 2, 2),
        new Encoding("yuv422", Imgproc.COLOR_YUV2RGB_UYVY, 2, 2),
        new Encoding("nv12", Imgproc.COLOR_YUV2RGB_NV12, 1, 3),
        new Encoding("nv21", Imgproc.COLOR_YUV2RGB_NV21, 1, 3),
        new Encoding("bayer_rggb8", Imgproc.COLOR_BayerBG2RGB, 1, 2),
        new Encoding("bayer_bggr8", Imgproc.COLOR_BayerRG2RGB, 1, 2),
        new Encoding("bayer_gbrg8", Imgproc.COLOR_BayerGR2RGB, 1, 2),
        new Encoding("bayer_grbg8", Imgproc.COLOR_BayerGB2RGB, 1, 2));
  }

  @BeforeAll
  static void load() {
    OpenCv.load();
  }

  @ParameterizedTest
  @MethodSource("encodings")
  void everyEncodingIsSeenAsOpenCvSeesItToTheLastBitWhateverTheStepOfItsRows(Encoding encoding) {
    for (int width : new int[] {4, 6, 34, 64}) {
      int height = width == 4 ? 4 : width - 2;
      int row = width * encoding.channels;
      int rows = height * encoding.rows / 2;
      byte[] data = new byte[row * rows];
      new Random(width).nextBytes(data);
      var from = new Mat(rows, width, CvType.CV_8UC(encoding.channels));
      from.put(0, 0, data);
      var to = new Mat();
      Imgproc.cvtColor(from, to, encoding.code);
      byte[] rgb = new byte[3 * width * height];
      to.get(0, 0, rgb);
      assertArrayEquals(
          rgb, CameraImage.decode(encoding.name, width, height, row, data).rgb(), "" + width);
      for (int step : new int[] {row + 1, row + 7}) {
        byte[] padded = new byte[rows * step];
        for (int y = 0; y < rows; y++) {
          System.arraycopy(data, y * row, padded, y * step, row);
        }
        assertArrayEquals(
            rgb, CameraImage.decode(encoding.name, width, height, step, padded).rgb());
      }
    }
  }

  @Test
  void aPictureOfAnOddSizeHasTheColoursOfItsPairs() {
    byte[] red = {81, 90, 81, (byte) 240, 81, 90, 81, (byte) 240};
    assertArrayEquals(
        new byte[] {(byte) 254, 0, 0, (byte) 254, 0, 0, (byte) 254, 0, 0},
        CameraImage.decode("yuyv", 3, 1, 8, red).rgb());
    byte[] planes = {
      81,
      81,
      81,
      0,
      81,
      81,
      81,
      0,
      81,
      81,
      81,
      0, // Y, and a byte at the end of each row
      90,
      (byte) 240,
      90,
      (byte) 240,
      90,
      (byte) 240,
      90,
      (byte) 240, // U, V
    };
    CameraImage odd = CameraImage.decode("nv12", 3, 3, 4, planes);
    for (int i = 0; i < 9; i++) {
      assertEquals((byte) 254, odd.rgb()[3 * i]);
      assertEquals(0, odd.rgb()[3 * i + 1]);
    }
  }

  @Test
  void aPlaneOfColoursThatIsCutOffOrCountedAsHeightIsRefused() {
    byte[] data = new byte[64 * 48 * 3 / 2];
    assertEquals(48, CameraImage.decode("nv12", 64, 48, 64, data).height());
    for (int height : new int[] {49, 72}) {
      assertThrows(
          IllegalArgumentException.class, () -> CameraImage.decode("nv12", 64, height, 64, data));
    }
  }

  @Test
  void whereEachPixelHasColoursOfItsOwnTheyAreItsOwn() {
    byte[] data = {81, (byte) 145, 90, (byte) 240, 54, 34}; // nv24: Y Y, U V U V
    assertArrayEquals(
        new byte[] {(byte) 254, 0, 0, 0, (byte) 255, 1},
        CameraImage.decode("nv24", 2, 1, 2, data).rgb());
  }
}
