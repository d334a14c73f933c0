package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrozenCameraTest {
  private static final int HEADER = 40;
  private static final long PERIOD_NANOS = 100_000_000L;

  private final FrozenCamera camera = new FrozenCamera("front", 1);
  private final Random random = new Random(1);
  private int frames;

  /** A message whose header is another each time. */
  private byte[] message(byte[] pixels) {
    byte[] header = new byte[HEADER];
    random.nextBytes(header);
    byte[] message = Arrays.copyOf(header, HEADER + pixels.length);
    System.arraycopy(pixels, 0, message, HEADER, pixels.length);
    return message;
  }

  private Optional<HoldReason> look(byte[] pixels, double... positions) {
    return camera.look(message(pixels), HEADER, PERIOD_NANOS * frames++, positions);
  }

  /** Shows pictures as a camera does. */
  private void live() {
    for (int i = 0; i <= 10; i++) {
      look(noisy(), 0);
    }
  }

  private byte[] noisy() {
    byte[] pixels = new byte[3000];
    Arrays.fill(pixels, (byte) 100);
    pixels[random.nextInt(pixels.length)]++;
    return pixels;
  }

  @Test
  void pixelsThatStandStillWhileTheArmMovesAreFrozenUntilTheyChange() {
    live();
    byte[] still = noisy();
    for (int i = 0; i < 9; i++) {
      assertTrue(look(still, 0.1 * i).isEmpty(), "the next one comes before a second is over");
    }
    HoldReason frozen = look(still, 0.9).orElseThrow();
    assertEquals(Kind.FROZEN_IMAGE, frozen.kind());
    assertEquals("front", frozen.about());
    assertTrue(frozen.text().contains("camera.front.frozen_after_s"), frozen.text());
    assertTrue(look(still, 0).isPresent(), "it did move");
    assertTrue(look(noisy(), 0).isEmpty());
    assertTrue(look(noisy(), 0).isEmpty());
  }

  @Test
  void theSameBuffersByTurnsAreFrozenToo() {
    live();
    byte[][] buffers = {noisy(), noisy(), noisy(), noisy()};
    for (int i = 0; i < 12; i++) {
      assertTrue(look(buffers[i % 4], 0.1 * i).isEmpty(), "not yet a second after the fourth");
    }
    assertEquals(Kind.FROZEN_IMAGE, look(buffers[0], 1.2).orElseThrow().kind());
    assertTrue(look(noisy(), 1.4).isEmpty());
  }

  @Test
  void oneBitOfNoiseIsMovementEnough() {
    for (int i = 0; i < 100; i++) {
      assertTrue(look(noisy(), 0.1 * i).isEmpty());
    }
    assertTrue(camera.notice().isEmpty());
  }

  @Test
  void anArmThatStandsStillMayBeSeenStandingStill() {
    live();
    byte[] still = noisy();
    for (int i = 0; i < 100; i++) {
      assertTrue(look(still, 0.0001 * i, Double.NaN).isEmpty());
    }
  }

  @Test
  void aPictureThatIsStillFromItsBeginningIsToldAndNotHeld() {
    byte[] still = noisy();
    for (int i = 0; i < 30; i++) {
      assertTrue(look(still, 0.1 * i).isEmpty());
    }
    assertTrue(camera.notice().orElseThrow().contains("camera 'front'"));
    look(noisy(), 3);
    assertTrue(camera.notice().isEmpty());
  }

  @Test
  void aFewSlidesAreNoCamera() {
    for (int slide = 0; slide < 5; slide++) {
      byte[] still = noisy();
      for (int i = 0; i < 30; i++) {
        assertTrue(look(still, 0.1 * i).isEmpty());
      }
    }
    assertTrue(camera.notice().isPresent());
  }

  @Test
  void pictureOfAnotherSizeIsAnotherPicture() {
    live();
    byte[] still = noisy();
    for (int i = 0; i < 30; i++) {
      assertTrue(look(Arrays.copyOf(still, 3000 - 100 * (i % 6)), 0.1 * i).isEmpty());
    }
  }

  @Test
  void whereTheJointsAreNotKnownNothingMoved() {
    live();
    byte[] still = noisy();
    for (int i = 0; i < 30; i++) {
      assertTrue(look(still).isEmpty());
    }
  }

  @Test
  void zeroSecondsMeanNever() {
    var never = new FrozenCamera("front", 0);
    byte[] still = noisy();
    for (int i = 0; i < 30; i++) {
      never.look(message(noisy()), HEADER, 0, new double[] {0});
    }
    for (int i = 1; i < 30; i++) {
      assertTrue(never.look(message(still), HEADER, PERIOD_NANOS * i, new double[] {i}).isEmpty());
    }
    assertTrue(never.notice().isEmpty());
  }
}
