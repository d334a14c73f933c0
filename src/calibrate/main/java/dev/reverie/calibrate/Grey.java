package dev.reverie.calibrate;

import dev.reverie.rollout.CameraImage;
import java.util.Optional;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.imgproc.Imgproc;

/** Finds boards in colour pictures. */
final class Grey {
  private Grey() {}

  /** Finds a board in a picture. */
  static Optional<BoardView> find(Board board, CameraImage image) {
    Mat rgb = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    Mat grey = new Mat();
    try {
      rgb.put(0, 0, image.rgb());
      Imgproc.cvtColor(rgb, grey, Imgproc.COLOR_RGB2GRAY);
      return board.find(grey);
    } finally {
      rgb.release();
      grey.release();
    }
  }
}
