package dev.reverie.calibrate;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.joml.Matrix4d;

/** An arm of six joints, its URDF and the same kinematics written out. */
final class SixJointArm {
  static final List<String> JOINTS = List.of("j1", "j2", "j3", "j4", "j5", "j6");

  /** xyz and rpy of each joint's frame in the one before, as in the file. */
  private static final double[][] ORIGINS = {
    {0, 0, 0.15, 0, 0, 0},
    {0, 0.1, 0, 0, 1.5707963267948966, 0},
    {0, -0.1, 0.42, 0, 0, 0},
    {0, 0, 0.39, 0, 1.5707963267948966, 0},
    {0, 0.11, 0, 0, 0, 0},
    {0, 0, 0.09, 0, 0, 0}
  };

  private static final char[] AXES = {'z', 'y', 'y', 'y', 'z', 'y'};
  private static final double[] TOOL = {0, 0.08, 0, -1.5707963267948966, 0, 0};

  private SixJointArm() {}

  static String urdf() {
    var text = new StringBuilder("<robot name=\"six\"><link name=\"world\"/><link name=\"l0\"/>");
    text.append(
        "<joint name=\"stand\" type=\"fixed\"><parent link=\"world\"/><child link=\"l0\"/></joint>");
    for (int i = 0; i < 6; i++) {
      double[] o = ORIGINS[i];
      text.append("<link name=\"l%d\"/>".formatted(i + 1));
      text.append(
          ("<joint name=\"%s\" type=\"revolute\"><parent link=\"l%d\"/><child link=\"l%d\"/>"
                  + "<origin xyz=\"%s %s %s\" rpy=\"%s %s %s\"/><axis xyz=\"%s\"/>"
                  + "<limit lower=\"-3\" upper=\"3\" velocity=\"2\" effort=\"1\"/></joint>")
              .formatted(
                  JOINTS.get(i),
                  i,
                  i + 1,
                  o[0],
                  o[1],
                  o[2],
                  o[3],
                  o[4],
                  o[5],
                  AXES[i] == 'z' ? "0 0 1" : "0 1 0"));
    }
    double[] o = TOOL;
    text.append("<link name=\"tool0\"/>");
    text.append(
        "<joint name=\"flange\" type=\"fixed\"><parent link=\"l6\"/><child link=\"tool0\"/><origin xyz=\"%s %s %s\" rpy=\"%s %s %s\"/></joint></robot>"
            .formatted(o[0], o[1], o[2], o[3], o[4], o[5]));
    return text.toString();
  }

  /** The pose of tool0 in the world. */
  static Matrix4d tool(double[] q) {
    var pose = new Matrix4d();
    for (int i = 0; i < 6; i++) {
      pose.mul(origin(ORIGINS[i]));
      pose.mul(AXES[i] == 'z' ? new Matrix4d().rotationZ(q[i]) : new Matrix4d().rotationY(q[i]));
    }
    return pose.mul(origin(TOOL));
  }

  private static Matrix4d origin(double[] o) {
    return new Matrix4d().translation(o[0], o[1], o[2]).rotateZ(o[5]).rotateY(o[4]).rotateX(o[3]);
  }

  /** Positions about a place where the tool looks down in front of the arm. */
  static List<double[]> poses(int count, double spreadRad, long seed) {
    var random = new Random(seed);
    List<double[]> poses = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double[] q = {0.1, -0.9, 1.3, -0.5, -1.5, 0.2};
      for (int j = 0; j < 6; j++) {
        q[j] += spreadRad * (2 * random.nextDouble() - 1);
      }
      poses.add(q);
    }
    return poses;
  }
}
