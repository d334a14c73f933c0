package dev.reverie.arm;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rollout.CameraCalibration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.joml.Matrix4d;
import org.joml.Vector3d;

/** Tells where a camera sees the tip of an arm. */
public final class TipSight {
  private final ArmLinks links;
  private final ArmLinks.Way tip;
  private final ArmLinks.Way mount;
  private final Eye eye;
  private final List<String> joints;

  /**
   * A picture that the tip is looked for in.
   *
   * @param rectified whether the lens's distortion is removed
   * @param part of the pixels of the camera's own picture that it shows
   */
  public record Picture(boolean rectified, BundleSpec.Crop.Part part) {
    /** Returns the picture as the camera sends it. */
    public static Picture raw(CameraCalibration lens) {
      return new Picture(false, BundleSpec.Crop.NONE.of(lens.width(), lens.height()));
    }

    /** Returns the picture as a policy sees it. */
    public static Picture view(BundleSpec.Camera view, CameraCalibration lens) {
      return new Picture(view.rectify(), view.crop().of(lens.width(), lens.height()));
    }
  }

  /**
   * Prepares to look.
   *
   * @param eye whose lens is for pictures of the size that comes
   * @throws ArmException where the arm lacks a link
   */
  public TipSight(ArmLinks links, String tipLink, Eye eye) {
    this.links = links;
    this.eye = eye;
    tip = links.way(tipLink);
    mount = links.way(eye.link());
    joints = links.between(eye.link(), tipLink);
  }

  /** Names, as the URDF has them, of the joints whose positions have to be known. */
  public List<String> joints() {
    return joints;
  }

  /**
   * Returns where the camera, as the arm holds it now, sees the tip on its way. Where the tip is
   * behind the lens or outside of the picture the line breaks.
   *
   * @param now positions of the joints, rad or m, by their names in the URDF
   * @param way such positions, one after the other; joints that they leave out stay as they are now
   * @return lines of points: shares of the picture's width and height, from the top left
   */
  public List<List<double[]>> lines(
      Map<String, Double> now, List<Map<String, Double>> way, Picture picture) {
    Matrix4d into = mount.at(links.vector(now, Map.of())).mul(eye.pose()).invertAffine();
    List<List<double[]>> lines = new ArrayList<>();
    List<double[]> line = new ArrayList<>();
    for (Map<String, Double> positions : way) {
      Vector3d point = tip.at(links.vector(positions, now)).getTranslation(new Vector3d());
      double[] share = share(into.transformPosition(point), picture);
      if (share.length > 0) {
        line.add(share);
      } else if (!line.isEmpty()) {
        lines.add(line);
        line = new ArrayList<>();
      }
    }
    if (!line.isEmpty()) {
      lines.add(line);
    }
    return lines;
  }

  /** Returns where a point before the camera is in a picture; nothing where it is not. */
  private double[] share(Vector3d point, Picture picture) {
    double x = point.x / point.z;
    double y = point.y / point.z;
    if (!(point.z >= ArmSilhouette.NEAR_M) || (!picture.rectified && !eye.lens().reaches(x, y))) {
      return new double[0];
    }
    double[] pixel = eye.lens().pixel(x, y, picture.rectified);
    double across = (pixel[0] + 0.5 - picture.part.left()) / picture.part.width();
    double down = (pixel[1] + 0.5 - picture.part.top()) / picture.part.height();
    boolean inside = across >= 0 && across <= 1 && down >= 0 && down <= 1;
    return inside ? new double[] {across, down} : new double[0];
  }
}
