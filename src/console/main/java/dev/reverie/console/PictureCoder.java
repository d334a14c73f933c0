package dev.reverie.console;

import dev.reverie.console.CameraFeed.Picture;
import dev.reverie.policy.OpenCv;
import dev.reverie.rollout.CameraImage;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfByte;
import org.opencv.core.MatOfInt;
import org.opencv.core.Size;
import org.opencv.imgcodecs.Imgcodecs;
import org.opencv.imgproc.Imgproc;

/** Pictures to what browsers show: JPEG, and small ones without loss as PNG. */
final class PictureCoder {
  /** Wider pictures are made smaller; a page shows them no larger. */
  private static final int WIDEST = 960;

  /** Pictures of this size or smaller have to be seen pixel by pixel. */
  private static final int SMALL = 128;

  private static final int QUALITY = 82;
  private static final int FAST = 1; // of PNG's levels

  private PictureCoder() {}

  /** The picture of a camera. */
  static Picture raw(String camera, long stampNanos, CameraImage image) {
    return encode(camera, "raw", stampNanos, image);
  }

  /** The picture as the policy sees it. */
  static Picture view(String camera, long stampNanos, CameraImage image) {
    return encode(camera, "view", stampNanos, image);
  }

  /**
   * A recorded picture.
   *
   * @param widest of its pixels; a wider one is made smaller
   */
  static Picture recorded(String camera, long stampNanos, CameraImage image, int widest) {
    return encode(camera, "recorded", stampNanos, image, Math.min(widest, WIDEST));
  }

  private static Picture encode(String camera, String kind, long stampNanos, CameraImage image) {
    return encode(camera, kind, stampNanos, image, WIDEST);
  }

  private static Picture encode(
      String camera, String kind, long stampNanos, CameraImage image, int widest) {
    boolean lossless = image.width() <= SMALL;
    OpenCv.load();
    Mat rgb = new Mat(image.height(), image.width(), CvType.CV_8UC3);
    Mat bgr = new Mat();
    MatOfByte bytes = new MatOfByte();
    MatOfInt options =
        lossless
            ? new MatOfInt(Imgcodecs.IMWRITE_PNG_COMPRESSION, FAST)
            : new MatOfInt(Imgcodecs.IMWRITE_JPEG_QUALITY, QUALITY);
    try {
      rgb.put(0, 0, image.rgb());
      if (image.width() > widest) {
        double scale = (double) widest / image.width();
        var size = new Size(widest, Math.max(1, Math.rint(image.height() * scale)));
        Imgproc.resize(rgb, rgb, size, 0, 0, Imgproc.INTER_AREA);
      }
      Imgproc.cvtColor(rgb, bgr, Imgproc.COLOR_RGB2BGR);
      Imgcodecs.imencode(lossless ? ".png" : ".jpg", bgr, bytes, options);
      String type = lossless ? "image/png" : "image/jpeg";
      return new Picture(camera, kind, stampNanos, bgr.cols(), bgr.rows(), type, bytes.toArray());
    } finally {
      rgb.release();
      bgr.release();
      bytes.release();
      options.release();
    }
  }
}
