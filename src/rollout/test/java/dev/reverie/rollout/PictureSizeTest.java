package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Pictures;
import dev.reverie.testing.Refusal;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PictureSizeTest {
  private final PictureDecoder decoder = PictureDecoder.ofJdk();

  @Test
  void picturesThatSayTheyAreHugeAreRefusedBeforeTheyAreDecoded() {
    for (byte[] bomb : new byte[][] {PictureBombs.hugePng(60_000), PictureBombs.hugeJpeg(60_000)}) {
      Refusal.of(
          IllegalArgumentException.class,
          () -> decoder.decode(bomb),
          "a picture says it has 60000x60000 pixels in %d bytes, and at most 67108864 are decoded; send smaller ones"
              .formatted(bomb.length));
    }
  }

  @Test
  void othersAreDecoded() {
    for (String format : new String[] {"png", "jpeg"}) {
      assertEquals(
          24, decoder.decode(Pictures.encode(format, 24, 24, RecordedArm.pixels(0, 24))).width());
    }
  }

  @Test
  void whatIsCutOffOrNoiseIsNoPicture() {
    SplittableRandom random = new SplittableRandom(1);
    for (byte[] picture :
        new byte[][] {
          Pictures.encode("png", 8, 8, RecordedArm.pixels(0, 8)),
          Pictures.encode("jpeg", 8, 8, RecordedArm.pixels(0, 8))
        }) {
      for (int size = 0; size < picture.length; size++) {
        PictureSize.check(Arrays.copyOf(picture, size));
        byte[] noise = picture.clone();
        for (int at = 2; at < size; at++) {
          noise[at] = (byte) random.nextInt();
        }
        try {
          PictureSize.check(noise);
        } catch (IllegalArgumentException e) {
          assertTrue(String.valueOf(e.getMessage()).contains("send smaller ones"));
        }
      }
    }
  }
}
