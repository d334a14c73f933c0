package dev.reverie.calibrate;

import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/**
 * Draws where the corners of all views lay and how far the fit is from them: an empty part of the
 * picture is pink, residuals are enlarged lines; below, the residual of each view.
 */
final class CoveragePicture {
  private static final int WIDTH = 800;
  private static final int MARGIN = 40;
  private static final int BARS = 160;

  /** Length of the line of the worst residual, pixels of this picture. */
  private static final double LONGEST = 40;

  private static final Scalar WHITE = new Scalar(255, 255, 255);
  private static final Scalar PINK = new Scalar(215, 215, 255); // blue, green, red
  private static final Scalar GREY = new Scalar(200, 200, 200);
  private static final Scalar BLACK = new Scalar(40, 40, 40);
  private static final Scalar BLUE = new Scalar(180, 110, 30);
  private static final Scalar RED = new Scalar(40, 40, 220);

  private final ViewChoice choice;
  private final CameraFit fit;
  private final double scale;
  private final int pictureHeight;
  private final Mat canvas;

  private CoveragePicture(ViewChoice choice, CameraFit fit) {
    this.choice = choice;
    this.fit = fit;
    scale = (double) WIDTH / fit.lens().width();
    pictureHeight = (int) Math.rint(fit.lens().height() * scale);
    canvas = new Mat(pictureHeight + 3 * MARGIN + BARS, WIDTH + 2 * MARGIN, CvType.CV_8UC3, WHITE);
  }

  /** Returns the bytes of a PNG. */
  static byte[] png(String camera, ViewChoice choice, CameraFit fit) {
    var picture = new CoveragePicture(choice, fit);
    picture.parts();
    picture.corners();
    picture.bars();
    picture.text(
        MARGIN,
        MARGIN - 14,
        "%s: %d views, rms %.3f px, worst corner %.2f px; lines: residuals x %.0f"
            .formatted(camera, choice.views().size(), fit.rms(), fit.worst(), picture.enlarged()));
    MatOfByte bytes = new MatOfByte();
    Imgcodecs.imencode(".png", picture.canvas, bytes);
    picture.canvas.release();
    return bytes.toArray();
  }

  private void parts() {
    int[] counts = choice.cornersOfParts();
    double width = (double) WIDTH / ViewChoice.PARTS;
    double height = (double) pictureHeight / ViewChoice.PARTS;
    for (int part = 0; part < counts.length; part++) {
      int row = Math.floorDiv(part, ViewChoice.PARTS);
      int column = part % ViewChoice.PARTS;
      var from = new Point(MARGIN + column * width, MARGIN + row * height);
      var to = new Point(from.x + width, from.y + height);
      if (counts[part] == 0) {
        Imgproc.rectangle(canvas, from, to, PINK, Imgproc.FILLED);
      }
      Imgproc.rectangle(canvas, from, to, GREY, 1);
    }
  }

  private void corners() {
    for (int v = 0; v < choice.views().size(); v++) {
      double[] image = choice.views().get(v).image();
      double[] rest = fit.residuals().get(v);
      for (int i = 0; i < image.length; i += 2) {
        var at = new Point(MARGIN + image[i] * scale, MARGIN + image[i + 1] * scale);
        double enlarged = enlarged() * scale;
        var to = new Point(at.x + rest[i] * enlarged, at.y + rest[i + 1] * enlarged);
        Imgproc.line(canvas, at, to, RED, 1, Imgproc.LINE_AA);
        Imgproc.circle(canvas, at, 2, BLUE, Imgproc.FILLED, Imgproc.LINE_AA);
      }
    }
  }

  private double enlarged() {
    return Math.max(1, Math.rint(LONGEST / scale / Math.max(fit.worst(), 1e-3)));
  }

  private void bars() {
    double[] perView = fit.perView();
    double most = 1e-9;
    for (double rms : perView) {
      most = Math.max(most, rms);
    }
    int bottom = pictureHeight + 2 * MARGIN + BARS;
    double step = (double) WIDTH / perView.length;
    for (int i = 0; i < perView.length; i++) {
      double left = MARGIN + i * step;
      double top = bottom - perView[i] / most * (BARS - 20);
      Imgproc.rectangle(
          canvas,
          new Point(left + 1, top),
          new Point(left + Math.max(2, step - 2), bottom),
          BLUE,
          Imgproc.FILLED);
    }
    text(MARGIN, bottom - BARS + 4, "rms of each view, %.3f px at most".formatted(most));
  }

  private void text(int x, int y, String text) {
    Imgproc.putText(
        canvas,
        text,
        new Point(x, y),
        Imgproc.FONT_HERSHEY_SIMPLEX,
        0.5,
        BLACK,
        1,
        Imgproc.LINE_AA);
  }
}
