package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CameraImageTest {
  @Test
  void coloursAndRowsComeOutAsRgb() {
    byte[] expected = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    byte[] rgbWithPadding = {1, 2, 3, 4, 5, 6, 0, 7, 8, 9, 10, 11, 12, 0};
    byte[] bgr = {3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10};
    assertArrayEquals(expected, CameraImage.decode("rgb8", 2, 2, 6, expected).rgb());
    assertArrayEquals(expected, CameraImage.decode("rgb8", 2, 2, 7, rgbWithPadding).rgb());
    assertArrayEquals(expected, CameraImage.decode("bgr8", 2, 2, 6, bgr).rgb());
    assertArrayEquals(
        new byte[] {5, 5, 5, 6, 6, 6},
        CameraImage.decode("mono8", 2, 1, 2, new byte[] {5, 6}).rgb());
  }

  @Test
  void whatCannotBeDecodedIsNamed() {
    Refusal.of(
        IllegalArgumentException.class,
        () -> CameraImage.decode("16UC1", 2, 2, 4, new byte[8]),
        "'16UC1'");
    assertThrows(
        IllegalArgumentException.class, () -> CameraImage.decode("rgb8", 2, 2, 6, new byte[11]));
    assertThrows(
        IllegalArgumentException.class, () -> CameraImage.decode("rgb8", 2, 2, 5, new byte[12]));
    assertThrows(
        IllegalArgumentException.class,
        () -> CameraImage.decode("mono8", 1 << 30, 1 << 30, 1 << 30, new byte[12]));
  }

  @Test
  void camerasAreCalledAsInTheirTopics() {
    assertEquals(
        Map.of("camera", "/camera/image_raw", "wrist", "/arm/wrist/image_rect"),
        CameraNames.of(List.of("/camera/image_raw", "/arm/wrist/image_rect")));
    assertEquals("wrist", CameraNames.name("wrist/image_raw/compressed"));
    assertEquals("image_raw", CameraNames.name("/image_raw"));
    assertEquals("image_raw", CameraNames.name("image_raw"));
    assertEquals(
        Map.of("/a/top/image", "/a/top/image", "/b/top/image", "/b/top/image"),
        CameraNames.of(List.of("/a/top/image", "/b/top/image")));
  }
}
