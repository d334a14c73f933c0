package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.CameraImage;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VideoTest {
  private static final int FPS = 15;

  private final Path folder;

  VideoTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private static List<CameraImage> episode(RecordedArm arm, int from, int frames) {
    return IntStream.range(from, from + frames)
        .mapToObj(t -> new CameraImage(arm.width(), arm.height(), arm.pixels(5 * t, 0)))
        .toList();
  }

  private Path write(RecordedArm arm) {
    Path file = folder.resolve("video.mp4");
    try (VideoWriter writer = new VideoWriter(file, arm.width(), arm.height(), FPS)) {
      writer.episode(episode(arm, 0, 7)); // an odd number: the next begins off the keyframes' beat
      writer.episode(episode(arm, 7, 1));
      writer.episode(episode(arm, 8, 12));
      assertEquals(20, writer.frames());
    }
    return file;
  }

  @Test
  void picturesAreFoundInAnyOrder() {
    RecordedArm arm = RecordedArm.SMALL;
    List<CameraImage> images = episode(arm, 0, 20);
    try (VideoReader reader = new VideoReader(write(arm))) {
      for (int t : new int[] {0, 1, 2, 6, 7, 8, 19, 3, 18, 0, 7, 7}) {
        CameraImage found = reader.at((double) t / FPS, 0.5 / FPS);
        int nearest =
            IntStream.range(0, 20)
                .boxed()
                .max(
                    (a, b) ->
                        Double.compare(
                            RoundTripTest.psnr(images.get(a), found),
                            RoundTripTest.psnr(images.get(b), found)))
                .orElseThrow();
        assertEquals(t, nearest);
        assertTrue(RoundTripTest.psnr(images.get(t), found) > 35);
      }
    }
  }

  @Test
  void smallAndOddPicturesAreEncodedToo() {
    for (int[] size : new int[][] {{48, 48}, {97, 49}, {16, 16}}) {
      RecordedArm arm = RecordedArm.SMALL.withSize(size[0], size[1]);
      Path file = write(arm);
      try (VideoReader reader = new VideoReader(file)) {
        CameraImage found = reader.at(0, 0.01);
        assertTrue(RoundTripTest.psnr(episode(arm, 0, 1).getFirst(), found) > 30);
      }
      file.toFile().delete();
    }
  }

  @Test
  void aTimeWithoutAPictureIsRefused() {
    Path file = write(RecordedArm.SMALL);
    try (VideoReader reader = new VideoReader(file)) {
      Refusal.of(
          LerobotException.class, () -> reader.at(20.0 / FPS, 0.5 / FPS), "ends before 1.3333 s");
      Refusal.of(
          LerobotException.class,
          () -> reader.at(0.5 / FPS, 0.1 / FPS),
          "has no picture at 0.0333 s");
    }
  }

  @Test
  void aFileThatIsMissingOrCutOffOrNoVideoIsRefused() throws Exception {
    Refusal.of(
        LerobotException.class,
        () -> new VideoReader(folder.resolve("none.mp4")),
        "there is no video");
    Path text = folder.resolve("text.mp4");
    Files.writeString(text, "no video at all");
    Refusal.of(
        LerobotException.class, () -> new VideoReader(text), "cannot read it; is it cut off?");
    Path file = write(RecordedArm.SMALL);
    long size = Files.size(file);
    for (long length : new long[] {0, 10, size / 4, size / 2, size - 100}) {
      Path cut = folder.resolve("cut-" + length);
      Files.copy(file, cut);
      Folders.cut(cut, length);
      assertThrows(LerobotException.class, () -> readAll(cut), () -> length + " of " + size);
    }
  }

  private static void readAll(Path file) {
    try (VideoReader reader = new VideoReader(file)) {
      for (int t = 0; t < 20; t++) {
        reader.at((double) t / FPS, 0.5 / FPS);
      }
    }
  }
}
