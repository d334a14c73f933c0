package dev.reverie.calibrate;

import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.CameraImage;
import java.util.Random;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/**
 * Renders boards as a camera with a known lens sees them. The lens is written out here, and not
 * OpenCV's, so that both sides check each other.
 */
final class SyntheticCamera {
  private static final int SAMPLES = 3; // along each side of a pixel

  final CameraCalibration lens;
  private final double[] rays; // [height * SAMPLES, width * SAMPLES, 2] x, y of the ray at z = 1

  SyntheticCamera(CameraCalibration lens) {
    this.lens = lens;
    int columns = lens.width() * SAMPLES;
    int rows = lens.height() * SAMPLES;
    rays = new double[2 * columns * rows];
    double[] k = lens.k();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        // The centre of the first pixel is (0, 0).
        double u = (column + 0.5) / SAMPLES - 0.5;
        double v = (row + 0.5) / SAMPLES - 0.5;
        undistort((u - k[2]) / k[0], (v - k[5]) / k[4], 2 * (row * columns + column));
      }
    }
  }

  /** Inverts the plumb_bob model (Brown 1966) by fixed-point steps. */
  private void undistort(double xd, double yd, int at) {
    double[] d = lens.d();
    double x = xd;
    double y = yd;
    for (int i = 0; i < 30; i++) {
      double r2 = x * x + y * y;
      double radial = 1 + r2 * (d[0] + r2 * (d[1] + r2 * d[4]));
      double dx = 2 * d[2] * x * y + d[3] * (r2 + 2 * x * x);
      double dy = d[2] * (r2 + 2 * y * y) + 2 * d[3] * x * y;
      x = (xd - dx) / radial;
      y = (yd - dy) / radial;
    }
    rays[at] = x;
    rays[at + 1] = y;
  }

  /** The brightness of a board at a place on it, metres; 0 to 1. */
  interface Paint {
    double at(double x, double y);
  }

  /** A chessboard of inner corners, the first at the origin, with a white edge on a grey wall. */
  static Paint chessboard(int columns, int rows, double squareM) {
    return (x, y) -> {
      int column = (int) Math.floor(x / squareM) + 1;
      int row = (int) Math.floor(y / squareM) + 1;
      boolean inside = column >= 0 && row >= 0 && column <= columns && row <= rows;
      boolean edge = column >= -1 && row >= -1 && column <= columns + 1 && row <= rows + 1;
      return inside ? (column + row) % 2 == 0 ? 0.08 : 0.92 : edge ? 0.92 : 0.5;
    };
  }

  /**
   * A board from a picture of it, as it is printed.
   *
   * @param grey [side rows, side columns] pixels
   * @param pixelM side of a pixel on the board
   */
  static Paint printed(byte[] grey, int columns, int rows, double pixelM) {
    return (x, y) -> {
      int column = (int) Math.floor(x / pixelM);
      int row = (int) Math.floor(y / pixelM);
      double edge = 0.02 / pixelM;
      if (column >= 0 && row >= 0 && column < columns && row < rows) {
        return 0.08 + 0.84 * (grey[row * columns + column] & 0xff) / 255;
      }
      return column > -edge && row > -edge && column < columns + edge && row < rows + edge
          ? 0.92
          : 0.5;
    };
  }

  /** The picture of a board at a pose in the optical frame, with noise of 2 in 255. */
  CameraImage render(Paint paint, Matrix4d pose, long seed) {
    var random = new Random(seed);
    int width = lens.width();
    int height = lens.height();
    Matrix4d inverse = pose.invertAffine(new Matrix4d());
    Vector3d origin = inverse.transformPosition(new Vector3d());
    var ray = new Vector3d();
    byte[] rgb = new byte[3 * width * height];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        double sum = 0;
        for (int s = 0; s < SAMPLES * SAMPLES; s++) {
          int at =
              2
                  * ((row * SAMPLES + s / SAMPLES) * width * SAMPLES
                      + column * SAMPLES
                      + s % SAMPLES);
          inverse.transformDirection(ray.set(rays[at], rays[at + 1], 1));
          double t = -origin.z / ray.z;
          sum += t > 0 ? paint.at(origin.x + t * ray.x, origin.y + t * ray.y) : 0.5;
        }
        double value = 255 * sum / (SAMPLES * SAMPLES) + 2 * random.nextGaussian();
        byte grey = (byte) Math.clamp(Math.round(value), 0, 255);
        int pixel = 3 * (row * width + column);
        rgb[pixel] = grey;
        rgb[pixel + 1] = grey;
        rgb[pixel + 2] = grey;
      }
    }
    return new CameraImage(width, height, rgb);
  }

  /** Poses in sight of the camera: near and far, in all parts of the picture, tilted. */
  Matrix4d pose(Random random, double boardWidthM, double boardHeightM) {
    double distance = (1.1 + 1.4 * random.nextDouble()) * boardWidthM * lens.k()[0] / lens.width();
    double reach = distance / lens.k()[0];
    double x = (random.nextDouble() - 0.5) * (reach * lens.width() - boardWidthM) * 0.9;
    double y = (random.nextDouble() - 0.5) * (reach * lens.height() - boardHeightM) * 0.9;
    return new Matrix4d()
        .translation(x, y, distance)
        .rotateX(random.nextGaussian() * 0.35)
        .rotateY(random.nextGaussian() * 0.35)
        .rotateZ(random.nextGaussian() * 0.15)
        .translate(-boardWidthM / 2, -boardHeightM / 2, 0);
  }
}
