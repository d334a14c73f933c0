package dev.reverie.arm;

import dev.reverie.arm.ArmSilhouette.Eye;
import dev.reverie.msgs.geometry_msgs.Quaternion;
import dev.reverie.msgs.geometry_msgs.TransformStamped;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.rollout.CameraCalibration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.joml.Matrix4d;
import org.joml.Quaterniond;
import org.joml.Vector3d;
import org.jspecify.annotations.Nullable;

/**
 * The frames of {@code /tf} and {@code /tf_static}, by which it is known where a camera stands. Of
 * two transforms of a frame the newer one counts. Not thread-safe.
 */
public final class FrameTree {
  private final Map<String, Above> above = new HashMap<>();

  /** The pose of a frame in the one above it. */
  private record Above(String parent, Matrix4d pose, boolean fixed) {}

  /**
   * Takes a transform; one with numbers that make no transform is left out.
   *
   * @param fixed whether it is of {@code /tf_static}
   */
  public void add(TransformStamped told, boolean fixed) {
    Vector3 t = told.transform().translation();
    Quaternion q = told.transform().rotation();
    var turn = new Quaterniond(q.x(), q.y(), q.z(), q.w());
    var pose = new Matrix4d().translation(t.x(), t.y(), t.z());
    if (pose.isFinite() && Math.abs(turn.lengthSquared() - 1) < 1e-3) {
      above.put(
          plain(told.childFrameId()),
          new Above(plain(told.header().frameId()), pose.rotate(turn.normalize()), fixed));
    }
  }

  /** Names of before ROS 2 begin with a slash. */
  private static String plain(String frame) {
    return frame.startsWith("/") ? frame.substring(1) : frame;
  }

  /**
   * Returns where a camera stands: fixed to a link of the arm, or beside it. What {@code
   * /tf_static} says of its frame wins over the URDF, since that was measured.
   *
   * @param frame that its pictures name
   * @return empty where nobody connects it to the arm
   */
  public Optional<Eye> eye(ArmLinks links, String frame, CameraCalibration lens) {
    String at = plain(frame);
    var pose = new Matrix4d(); // of the camera in the frame that is looked at
    Map<String, Matrix4d> passed = new LinkedHashMap<>();
    while (!passed.containsKey(at)) {
      @Nullable Above next = above.get(at);
      boolean measured = passed.isEmpty() && next != null && next.fixed;
      if (links.has(at) && !measured) {
        return Optional.of(eye(at, pose, lens));
      }
      passed.put(at, pose);
      if (next == null) {
        break;
      }
      pose = next.pose.mul(pose, new Matrix4d());
      at = next.parent;
    }
    return beside(links.root(), passed).map(stands -> eye(links.root(), stands, lens));
  }

  /** The pose in the root of what was passed, by the frame that both are below of. */
  private Optional<Matrix4d> beside(String root, Map<String, Matrix4d> passed) {
    var rootIn = new Matrix4d();
    String at = root;
    for (int hops = 0; hops <= above.size(); hops++) {
      @Nullable Matrix4d camera = passed.get(at);
      if (camera != null) {
        return Optional.of(rootIn.invertAffine(new Matrix4d()).mul(camera));
      }
      @Nullable Above next = above.get(at);
      if (next == null) {
        return Optional.empty();
      }
      rootIn = next.pose.mul(rootIn, new Matrix4d());
      at = next.parent;
    }
    return Optional.empty();
  }

  private static Eye eye(String link, Matrix4d pose, CameraCalibration lens) {
    Vector3d t = pose.getTranslation(new Vector3d());
    Quaterniond q = pose.getNormalizedRotation(new Quaterniond());
    return new Eye(link, List.of(t.x, t.y, t.z), List.of(q.x, q.y, q.z, q.w), lens);
  }
}
