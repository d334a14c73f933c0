package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.testing.Prepared;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@Prepared
class RayCameraTest {
  @Test
  void whatIsRememberedNeverShows() {
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2);
      for (long seed = 0; seed < 10; seed++) {
        scene.reset(seed, Optional.empty());
        var expert = new Expert(scene, Expert.random(seed));
        for (int tick = 0; tick < 20; tick++) {
          assertArrayEquals(fresh(scene), camera.render(), "seed " + seed + ", tick " + tick);
          scene.tick(expert.command());
        }
      }
    }
  }

  /** A camera that remembers nothing casts every ray. */
  private static byte[] fresh(PegScene scene) {
    return new RayCamera(scene.simulation(), PegScene.CAMERA, 48, 2).render();
  }

  @Test
  void aPictureShowsOneMetreAcross() {
    try (var scene = new PegScene()) {
      var camera = new RayCamera(scene.simulation(), PegScene.CAMERA, 200, 1);
      scene.reset(2, Optional.empty());
      byte[] picture = camera.render();
      PegLayout layout = scene.layout();
      for (int slot = 0; slot < 3; slot++) {
        int[] expected =
            switch (layout.colours().get(slot)) {
              case RED -> new int[] {217, 38, 38};
              case GREEN -> new int[] {38, 166, 51};
              case BLUE -> new int[] {38, 77, 229};
            };
        // The left wall's middle is 0.095 m to the left of the slot's, between z = 0.10 and 0.27.
        int column = (int) Math.round((layout.slotX().get(slot) - 0.095) * 200);
        int pixel = 3 * ((int) (((1 - 0.2) * 200) * 200 + column));
        for (int channel = 0; channel < 3; channel++) {
          assertEquals(expected[channel], picture[pixel + channel] & 0xff);
        }
      }
      assertEquals(200 / 2.0 * 16, camera.focalPixels(), 0.01); // half a metre at eight
    }
  }

  @Test
  void anUnusableSizeIsRefused() {
    try (var scene = new PegScene()) {
      for (int[] wrong : new int[][] {{0, 2}, {48, 0}, {1024, 2}}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new RayCamera(scene.simulation(), PegScene.CAMERA, wrong[0], wrong[1]));
      }
    }
  }
}
