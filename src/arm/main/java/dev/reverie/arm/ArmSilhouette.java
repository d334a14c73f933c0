package dev.reverie.arm;

import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.OpenCv;
import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.List;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.opencv.core.CvType;
import org.opencv.core.Mat;
import org.opencv.core.MatOfInt;
import org.opencv.core.MatOfPoint;
import org.opencv.core.Point;
import org.opencv.core.Scalar;
import org.opencv.core.Size;
import org.opencv.imgproc.Imgproc;

/**
 * Draws the part of a policy's view that the arm covers, from its URDF by the calibration of the
 * camera. Not thread-safe.
 */
public final class ArmSilhouette {
  /** Nearer than this nothing is drawn. */
  static final double NEAR_M = 0.01;

  /**
   * Rows and columns that each pixel of the view is drawn with, and then averaged over; OpenCV
   * draws up to one more at each edge.
   */
  private static final int FINE = 4;

  /** Parts of a fine pixel that corners lie on, as a power of 2. */
  private static final int SHIFT = 4;

  /** Pixels beside the picture at most: OpenCV counts in 32 bits. */
  private static final double FAR = 4096;

  private final ArmBodies bodies;
  private final Eye eye;
  private final Matrix4d pose;
  private final BundleSpec.Camera view;
  private final Size cells;
  private final Mat drawn;

  /**
   * A camera's place and its lens.
   *
   * @param link of the URDF that it is fixed to
   * @param xyz where, in the axes of the link, metres
   * @param quaternionXyzw turn of its optical axes (z forward, x right, y down) in the link's
   */
  public record Eye(
      String link, List<Double> xyz, List<Double> quaternionXyzw, CameraCalibration lens) {
    /** Returns the place of a camera whose optical frame is a link. */
    public static Eye in(String link, CameraCalibration lens) {
      return new Eye(link, List.of(0.0, 0.0, 0.0), List.of(0.0, 0.0, 0.0, 1.0), lens);
    }

    /** Returns the place of a camera that was calibrated. */
    public static Eye of(HandEye calibrated, CameraCalibration lens) {
      return new Eye(calibrated.parentFrame(), calibrated.xyz(), calibrated.quaternionXyzw(), lens);
    }

    Matrix4d pose() {
      return new Matrix4d()
          .translation(xyz.get(0), xyz.get(1), xyz.get(2))
          .rotate(
              new Quaterniond(
                  quaternionXyzw.get(0),
                  quaternionXyzw.get(1),
                  quaternionXyzw.get(2),
                  quaternionXyzw.get(3)));
    }
  }

  /**
   * Prepares to draw.
   *
   * @param view of the camera, as a policy has it
   * @param cell pixels of the view to one of the silhouette along each side
   * @throws ArmException where the arm lacks the link that the camera is fixed to
   */
  public ArmSilhouette(ArmBodies bodies, Eye eye, BundleSpec.Camera view, int cell) {
    bodies.requireLink(eye.link);
    this.bodies = bodies;
    this.eye = eye;
    pose = eye.pose();
    this.view = view;
    cells = new Size((double) view.width() / cell, (double) view.height() / cell);
    OpenCv.load();
    drawn = Mat.zeros(FINE * view.height(), FINE * view.width(), CvType.CV_8U);
  }

  /**
   * Draws the arm.
   *
   * @param positions of its joints, rad or m
   * @return share of each cell that it covers, of 255, row by row
   */
  public byte[] at(double[] positions) {
    drawn.setTo(new Scalar(0));
    for (List<Vector3d> body : bodies.seenFrom(eye.link, pose, positions)) {
      List<Vector3d> before = before(body);
      if (!before.isEmpty()) {
        fill(before.stream().map(this::point).toArray(Point[]::new));
      }
    }
    Mat small = new Mat();
    Imgproc.resize(drawn, small, cells, 0, 0, Imgproc.INTER_AREA);
    byte[] covered = new byte[(int) small.total()];
    small.get(0, 0, covered);
    small.release();
    return covered;
  }

  /**
   * The corners of what of a body is before the lens: its own, and those where the lines between
   * two of them pass the plane of the lens.
   */
  private static List<Vector3d> before(List<Vector3d> corners) {
    List<Vector3d> before = corners.stream().filter(c -> c.z >= NEAR_M).toList();
    if (before.size() == corners.size() || before.isEmpty()) {
      return before;
    }
    List<Vector3d> cut = new ArrayList<>(before);
    for (Vector3d behind : corners) {
      if (behind.z < NEAR_M) {
        for (Vector3d corner : before) {
          double share = (NEAR_M - behind.z) / (corner.z - behind.z);
          cut.add(behind.lerp(corner, share, new Vector3d()));
        }
      }
    }
    return cut;
  }

  /** Returns where a corner is in the view, in parts of fine pixels. */
  private Point point(Vector3d corner) {
    double[] pixel = eye.lens.pixel(corner.x / corner.z, corner.y / corner.z, view.rectify());
    BundleSpec.Crop.Part part = view.crop().of(eye.lens.width(), eye.lens.height());
    double x = (pixel[0] + 0.5 - part.left()) * view.width() / part.width();
    double y = (pixel[1] + 0.5 - part.top()) * view.height() / part.height();
    return new Point(fine(x), fine(y));
  }

  /**
   * Turns a distance from the picture's edge into one from the middle of a fine pixel, which has
   * whole coordinates.
   */
  private static double fine(double pixel) {
    return Math.rint((Math.clamp(pixel, -FAR, FAR) * FINE - 0.5) * (1 << SHIFT));
  }

  private void fill(Point[] corners) {
    MatOfPoint all = new MatOfPoint(corners);
    MatOfInt hull = new MatOfInt();
    Imgproc.convexHull(all, hull);
    Point[] outline = new Point[(int) hull.total()];
    int[] at = hull.toArray();
    for (int i = 0; i < outline.length; i++) {
      outline[i] = corners[at[i]];
    }
    MatOfPoint polygon = new MatOfPoint(outline);
    Imgproc.fillConvexPoly(drawn, polygon, new Scalar(255), Imgproc.LINE_8, SHIFT);
    all.release();
    hull.release();
    polygon.release();
  }
}
