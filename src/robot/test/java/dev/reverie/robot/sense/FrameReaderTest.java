package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraImage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private final FrameReader reader = new FrameReader(new BundleSpec.Camera("wrist", 4, 4), false);

  private static Image image(int width, int height, String encoding, int channels) {
    byte[] data = new byte[width * height * channels];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) i;
    }
    return new Image(
        new Header(new Time(3, 5), "lens"),
        height,
        width,
        encoding,
        (byte) 0,
        width * channels,
        data);
  }

  private String fault(Image image) {
    return reader.read(Image.TYPE.encode(image), 7).fault().map(HoldReason::text).orElse("");
  }

  @Test
  void anImageIsDecodedOnlyWhereItIsLookedAt() {
    CameraFrame frame = reader.read(Image.TYPE.encode(image(4, 4, "rgb8", 3)), 7);
    assertEquals(Optional.empty(), frame.fault());
    assertEquals(3_000_000_005L, frame.stampNanos());
    assertEquals(7, frame.arrivalNanos());
    assertArrayEquals(image(4, 4, "rgb8", 3).data(), frame.picture().get().rgb());
  }

  @Test
  void aLargerImageOfTheSameShapeIsFine() {
    assertEquals("", fault(image(96, 96, "bgra8", 4)));
  }

  @Test
  void aWrongEncodingIsNamedWithWhatToSet() {
    String fault = fault(image(4, 4, "16UC1", 2));
    assertTrue(fault.contains("'wrist' has the encoding '16UC1'"), fault);
    assertTrue(fault.contains("rgb8"), fault);
  }

  @Test
  void whatHasNoColoursOrDoesNotTellThemIsRefusedByName() {
    assertTrue(fault(image(4, 4, "mono8", 1)).contains("'mono8', which is grey"));
    assertTrue(fault(image(4, 4, "mono16", 2)).contains("'mono16', which is grey"));
    assertTrue(fault(image(4, 4, "16UC1", 2)).contains("'16UC1', which is depth"));
    assertTrue(fault(image(4, 4, "32FC1", 4)).contains("'32FC1', which is depth"));
    assertTrue(fault(image(4, 4, "8UC3", 3)).contains("does not tell the order of its colours"));
    for (String unknown : List.of("rgb16", "bayer_rggb16", "RGB8", "", "jpeg")) {
      String fault = fault(image(4, 4, unknown, 8));
      assertTrue(fault.contains("'" + unknown + "'; set the camera to one of [rgb8,"), fault);
    }
  }

  @Test
  void everyEncodingWithColoursIsTakenWholeAndRefusedWhereAByteIsMissing() {
    for (String encoding : CameraImage.ENCODINGS) {
      Image whole = image(4, 4, encoding, 4).withData(new byte[3 * 4 * 16]);
      CameraFrame frame = reader.read(Image.TYPE.encode(whole), 7);
      assertEquals(Optional.empty(), frame.fault(), encoding);
      assertEquals(4 * 4 * 3, frame.picture().get().rgb().length);
      for (Image bad :
          List.of(
              whole.withData(new byte[4 * 16 - 1]),
              whole.withStep(3),
              whole.withStep(-4),
              whole.withHeight(-4),
              whole.withWidth(0),
              whole.withHeight(1 << 30).withWidth(1 << 30))) {
        String fault = fault(bad);
        assertTrue(fault.contains(encoding) && fault.contains("repair its driver"), fault);
      }
    }
  }

  @Test
  void theOrderOfBytesPlaysNoRoleWhereAChannelIsOne() {
    for (String encoding : CameraImage.ENCODINGS) {
      Image image = image(4, 4, encoding, 4).withData(new byte[3 * 4 * 16]);
      assertEquals("", fault(image.withIsBigendian((byte) 1)), encoding);
    }
  }

  @Test
  void aCameraMayChangeItsSizeAndIsNamedWhileItIsTooSmall() {
    assertEquals("", fault(image(4, 4, "rgb8", 3)));
    assertEquals("", fault(image(640, 640, "rgb8", 3)));
    String small = fault(image(2, 2, "rgb8", 3));
    assertTrue(small.contains("is 2x2, of which the policy looks at 2x2 as 4x4"), small);
    String wide = fault(image(640, 480, "rgb8", 3));
    assertTrue(wide.contains("is 640x480"), wide);
    assertEquals("", fault(image(8, 8, "bgra8", 4)));
  }

  @Test
  void aCompressedPictureIsLookedAtBeforeItIsDecoded() throws IOException {
    var compressed = new FrameReader(new BundleSpec.Camera("wrist", 4, 4), true);
    for (String format : List.of("png", "jpg")) {
      byte[] colour = encoded(format, BufferedImage.TYPE_INT_RGB, 8);
      assertEquals("", fault(compressed, colour));
      byte[] padded = Arrays.copyOf(colour, colour.length + 100);
      assertEquals("", fault(compressed, padded), "what follows the end plays no role");
      String grey = fault(compressed, encoded(format, BufferedImage.TYPE_BYTE_GRAY, 8));
      assertTrue(grey.contains("'wrist' is grey"), grey);
      String cut = fault(compressed, Arrays.copyOf(colour, colour.length - 20));
      assertTrue(cut.contains("ends too soon"), cut);
      String small = fault(compressed, encoded(format, BufferedImage.TYPE_INT_RGB, 2));
      assertTrue(small.contains("is 2x2"), small);
    }
    assertTrue(
        fault(compressed, encoded("png", BufferedImage.TYPE_USHORT_GRAY, 8)).contains("grey"));
    assertTrue(fault(compressed, new byte[0]).contains("no picture"));
    assertTrue(fault(compressed, new byte[500]).contains("no picture"));
  }

  @Test
  void aPictureThatIsCutOffIsToldAlsoWhereItHasASmallOneInItsHead() throws IOException {
    var compressed = new FrameReader(new BundleSpec.Camera("wrist", 4, 4), true);
    byte[] small = encoded("jpg", BufferedImage.TYPE_INT_RGB, 4);
    byte[] large = encoded("jpg", BufferedImage.TYPE_INT_RGB, 64);
    int length = small.length + 2;
    var bytes = new ByteArrayOutputStream();
    bytes.write(large, 0, 2);
    bytes.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
    bytes.writeBytes(small); // as in the EXIF of a camera
    bytes.write(large, 2, large.length - 2);
    byte[] whole = bytes.toByteArray();
    assertEquals("", fault(compressed, whole));
    String cut = fault(compressed, Arrays.copyOf(whole, whole.length - 20));
    assertTrue(cut.contains("of 64x64 pixels ends too soon"), cut);
  }

  private static byte[] encoded(String format, int type, int side) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(side, side, type), format, bytes);
    return bytes.toByteArray();
  }

  private static String fault(FrameReader reader, byte[] picture) {
    var message = new CompressedImage(new Header(new Time(3, 5), "lens"), "jpeg", picture);
    return reader
        .read(CompressedImage.TYPE.encode(message), 7)
        .fault()
        .map(HoldReason::text)
        .orElse("");
  }

  @Test
  void aWrongSizeIsNamedWithWhatThePolicySees() {
    String wide = fault(image(8, 4, "rgb8", 3));
    assertTrue(wide.contains("is 8x4") && wide.contains("as 4x4"), wide);
    String small = fault(image(2, 2, "rgb8", 3));
    assertTrue(small.contains("is 2x2"), small);
  }

  @Test
  void anImageWithTooFewBytesIsNamed() {
    String fault = fault(image(4, 4, "rgb8", 3).withHeight(400));
    assertTrue(fault.contains("4x400") && fault.contains("has 48 bytes"), fault);
  }

  @Test
  void aCompressedImageIsDecodedToo() throws IOException {
    var picture = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(1, 0, 0x0A141E);
    var png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    var message = new CompressedImage(new Header(new Time(3, 5), "lens"), "png", png.toByteArray());
    var compressed = new FrameReader(new BundleSpec.Camera("wrist", 4, 4), true);
    CameraFrame frame = compressed.read(CompressedImage.TYPE.encode(message), 7);
    assertEquals(3_000_000_005L, frame.stampNanos());
    assertArrayEquals(
        new byte[] {0, 0, 0, 10, 20, 30}, Arrays.copyOf(frame.picture().get().rgb(), 6));
  }

  @Test
  void bytesThatAreNoImageAreAFault() {
    CameraFrame frame = reader.read(new byte[] {0, 1, 0, 0, 9}, 7);
    assertTrue(
        frame.fault().map(HoldReason::text).orElse("").contains("cannot be read"),
        frame.toString());
  }
}
