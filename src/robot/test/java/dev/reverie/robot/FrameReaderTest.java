package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.policy.BundleSpec;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
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
    assertEquals("", fault(image(96, 96, "mono8", 1)));
  }

  @Test
  void aWrongEncodingIsNamedWithWhatToSet() {
    String fault = fault(image(4, 4, "16UC1", 2));
    assertTrue(fault.contains("'wrist' has the encoding '16UC1'"), fault);
    assertTrue(fault.contains("rgb8"), fault);
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
