package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Byte;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opencv.core.Mat;
import org.opencv.imgcodecs.Animation;
import org.opencv.imgcodecs.Imgcodecs;

class FilmTest extends LibtorchTest {
  @Test
  void aFilmHasEachFrameWithoutLossItsRowsSideBySide(@TempDir Path folder) {
    Path file = folder.resolve("film.webp");
    Film.write(file, rows());
    Animation read = new Animation();
    assertTrue(Imgcodecs.imreadanimation(file.toString(), read));
    List<Mat> frames = read.get_frames();
    assertEquals(5, frames.size());
    for (int t = 0; t < 5; t++) {
      Mat frame = frames.get(t);
      assertEquals("8x16", frame.rows() + "x" + frame.cols());
      assertArrayEquals(new double[] {3, 20, 10.0 * t}, bgr(frame, 7, 0));
      assertArrayEquals(new double[] {3, 120, 10.0 * t}, bgr(frame, 0, 8));
    }
  }

  @Test
  void aFilmThatCannotBeWrittenIsNamed(@TempDir Path folder) {
    Refusal.of(
        TrainerException.class,
        () -> Film.write(folder.resolve("missing/film.webp"), rows()),
        "film.webp");
  }

  /** Red grows with time, green tells the row. */
  private static Tensor rows() {
    Tensor rows = Torch.zeros(Byte, 2, 5, 3, 8, 8);
    rows.select(2, 2).fill_(new Scalar(3));
    for (int row = 0; row < 2; row++) {
      rows.select(0, row).select(1, 1).fill_(new Scalar(20 + 100 * row));
    }
    for (int t = 0; t < 5; t++) {
      rows.select(1, t).select(1, 0).fill_(new Scalar(10 * t));
    }
    return rows;
  }

  private static double[] bgr(Mat frame, int row, int column) {
    return Arrays.copyOf(frame.get(row, column), 3); // the reader adds opacity
  }
}
