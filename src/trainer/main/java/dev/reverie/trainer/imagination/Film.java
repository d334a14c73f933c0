package dev.reverie.trainer.imagination;

import dev.reverie.policy.OpenCv;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfInt;
import org.opencv.imgcodecs.Animation;
import org.opencv.imgcodecs.Imgcodecs;

/**
 * Writes moving pictures that every browser shows: animated WebP, without loss, repeated, in the
 * frames' own size, since drawn three times larger they took nine times as long.
 */
final class Film {
  private static final int MILLISECONDS_A_FRAME = 100;
  private static final int PAUSE_MILLISECONDS = 1000; // on the last frame

  /** Above 100 WebP is without loss. */
  private static final int WITHOUT_LOSS = 101;

  private Film() {}

  /**
   * Writes an episode's rows beside each other, the first on the left.
   *
   * @param rows [rows, T, 3, H, W], uint8
   * @throws TrainerException where the file cannot be written
   */
  static void write(Path file, Tensor rows) {
    OpenCv.load();
    int count = (int) rows.size(1);
    int height = (int) rows.size(3);
    int width = (int) (rows.size(0) * rows.size(4));
    byte[] bgr = Torch.bytes(rows.flip(2).permute(1, 3, 0, 4, 2)); // [T, H, rows, W, 3]
    List<Mat> frames = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      Mat frame = new Mat(height, width, CvType.CV_8UC3);
      int begin = t * height * width * 3;
      frame.put(0, 0, Arrays.copyOfRange(bgr, begin, begin + height * width * 3));
      frames.add(frame);
    }
    int[] durations = new int[count];
    Arrays.fill(durations, MILLISECONDS_A_FRAME);
    durations[count - 1] = PAUSE_MILLISECONDS;
    Animation animation = new Animation();
    MatOfInt milliseconds = new MatOfInt(durations);
    MatOfInt quality = new MatOfInt(Imgcodecs.IMWRITE_WEBP_QUALITY, WITHOUT_LOSS);
    animation.set_frames(frames);
    animation.set_durations(milliseconds);
    boolean written = Imgcodecs.imwriteanimation(file.toString(), animation, quality);
    frames.forEach(Mat::release);
    milliseconds.release();
    quality.release();
    if (!written) {
      throw new TrainerException("cannot write the film " + file.toAbsolutePath());
    }
  }
}
