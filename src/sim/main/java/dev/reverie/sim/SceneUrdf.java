package dev.reverie.sim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The URDF of the arm in a scene, made from what MuJoCo compiled: each body of the arm is a link of
 * its name, whose frame is the body's, and joints have their names, axes and end stops. Nothing is
 * drawn, and nothing weighs anything.
 */
final class SceneUrdf {
  private static final double NEAR = 1e-12;

  /**
   * Bounds of a joint that MuJoCo's format does not tell, and a URDF must.
   *
   * @param effort N m or N
   * @param velocity rad/s or m/s
   */
  record Most(double effort, double velocity) {}

  private final List<SceneModel.Body> bodies;
  private final Function<String, Most> most;
  private final StringBuilder text = new StringBuilder();

  private SceneUrdf(List<SceneModel.Body> bodies, Function<String, Most> most) {
    this.bodies = bodies;
    this.most = most;
  }

  /**
   * Returns the description.
   *
   * @param name of the robot
   * @param most of each joint by its name
   * @throws MujocoException where a joint slides without end
   */
  static String of(String name, SceneModel model, Function<String, Most> most) {
    var made = new SceneUrdf(model.bodies(), most);
    made.text.append("<?xml version=\"1.0\"?>\n<robot name=\"%s\">\n".formatted(escaped(name)));
    made.link(made.name(0));
    for (int body : made.arm()) {
      made.body(body);
    }
    return made.text.append("</robot>\n").toString();
  }

  /** The arm's bodies: what its joints move, what carries them, and what is fixed to either. */
  private List<Integer> arm() {
    Set<Integer> tops = new HashSet<>();
    for (int body = 1; body < bodies.size(); body++) {
      if (moved(body)) {
        tops.add(top(body));
      }
    }
    List<Integer> arm = new ArrayList<>(); // a parent has a smaller number than its children
    for (int body = 1; body < bodies.size(); body++) {
      SceneModel.Body own = bodies.get(body);
      boolean carried = own.parent() == 0 || arm.contains(own.parent());
      boolean held = own.joints().isEmpty() || moved(body);
      if (tops.contains(top(body)) && carried && held) {
        arm.add(body);
      }
    }
    return arm;
  }

  private boolean moved(int body) {
    List<SceneModel.Axis> joints = bodies.get(body).joints();
    return !joints.isEmpty() && joints.stream().allMatch(SceneModel.Axis::moves);
  }

  private int top(int body) {
    int at = body;
    while (bodies.get(at).parent() != 0) {
      at = bodies.get(at).parent();
    }
    return at;
  }

  private String name(int body) {
    String name = bodies.get(body).name();
    return name.isEmpty() ? "body_" + body : name;
  }

  private void link(String name) {
    text.append("  <link name=\"%s\"/>\n".formatted(escaped(name)));
  }

  /** The frames of its joints one after the other, and behind the last one its own. */
  private void body(int body) {
    SceneModel.Body own = bodies.get(body);
    String before = name(own.parent());
    var pose = new Pose(own.quaternion(), own.position());
    for (SceneModel.Axis axis : own.joints()) {
      String name = axis.joint().name();
      String after = name + "_frame";
      link(after);
      joint(name, before, after, pose.then(axis.anchor()).then(back(axis)), Optional.of(axis));
      before = after;
      pose = new Pose(new double[] {1, 0, 0, 0}, scaled(axis.anchor(), -1));
    }
    link(name(body));
    joint(name(body) + "_fixed", before, name(body), pose, Optional.empty());
  }

  /** Returns the way back to the frame in which the joint's position is 0. */
  private static Pose back(SceneModel.Axis axis) {
    double half = -axis.zero() / 2;
    double[] turned = scaled(axis.axis(), StrictMath.sin(half));
    return axis.turns()
        ? new Pose(
            new double[] {StrictMath.cos(half), turned[0], turned[1], turned[2]}, new double[3])
        : new Pose(new double[] {1, 0, 0, 0}, scaled(axis.axis(), -axis.zero()));
  }

  private void joint(
      String name, String parent, String child, Pose origin, Optional<SceneModel.Axis> axis) {
    text.append(
        """
          <joint name="%s" type="%s">
            <parent link="%s"/>
            <child link="%s"/>
            <origin xyz="%s" rpy="%s"/>
        """
            .formatted(
                escaped(name),
                axis.map(SceneUrdf::type).orElse("fixed"),
                escaped(parent),
                escaped(child),
                numbers(origin.position),
                numbers(origin.rollPitchYaw())));
    axis.ifPresent(
        moves -> {
          text.append("    <axis xyz=\"%s\"/>\n".formatted(numbers(moves.axis())));
          SceneModel.Joint joint = moves.joint();
          Most known = most.apply(joint.name());
          String stops =
              Double.isFinite(joint.lower())
                  ? "lower=\"%s\" upper=\"%s\" ".formatted(joint.lower(), joint.upper())
                  : "";
          text.append(
              "    <limit %seffort=\"%s\" velocity=\"%s\"/>\n"
                  .formatted(stops, known.effort, known.velocity));
        });
    text.append("  </joint>\n");
  }

  private static String type(SceneModel.Axis axis) {
    boolean ends = Double.isFinite(axis.joint().lower());
    if (!axis.turns() && !ends) {
      throw new MujocoException(
          "joint '%s' slides without end, which no URDF can say; give it a range"
              .formatted(axis.joint().name()));
    }
    return axis.turns() ? (ends ? "revolute" : "continuous") : "prismatic";
  }

  private static double[] scaled(double[] v, double by) {
    return new double[] {by * v[0], by * v[1], by * v[2]};
  }

  private static String numbers(double[] v) {
    return String.format(Locale.ROOT, "%.17g %.17g %.17g", v[0], v[1], v[2]);
  }

  private static String escaped(String name) {
    return name.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  /** A frame in another one: quaternion [4] w, x, y, z and position [3]. */
  private record Pose(double[] quaternion, double[] position) {
    Pose then(double[] way) {
      return then(new Pose(new double[] {1, 0, 0, 0}, way));
    }

    Pose then(Pose next) {
      double[] p = quaternion;
      double[] q = next.quaternion;
      double[][] r = rotation();
      double[] at = new double[3];
      for (int row = 0; row < 3; row++) {
        at[row] = position[row];
        for (int column = 0; column < 3; column++) {
          at[row] += r[row][column] * next.position[column];
        }
      }
      return new Pose(
          new double[] {
            p[0] * q[0] - p[1] * q[1] - p[2] * q[2] - p[3] * q[3],
            p[0] * q[1] + p[1] * q[0] + p[2] * q[3] - p[3] * q[2],
            p[0] * q[2] - p[1] * q[3] + p[2] * q[0] + p[3] * q[1],
            p[0] * q[3] + p[1] * q[2] - p[2] * q[1] + p[3] * q[0]
          },
          at);
    }

    private double[][] rotation() {
      double w = quaternion[0];
      double x = quaternion[1];
      double y = quaternion[2];
      double z = quaternion[3];
      return new double[][] {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)}
      };
    }

    /** [3] about fixed axes x, y and z in this order, as a URDF has it, rad. */
    double[] rollPitchYaw() {
      double[][] r = rotation();
      double level = Math.hypot(r[0][0], r[1][0]);
      double pitch = StrictMath.atan2(-r[2][0], level);
      return level > NEAR
          ? new double[] {
            StrictMath.atan2(r[2][1], r[2][2]), pitch, StrictMath.atan2(r[1][0], r[0][0])
          }
          : new double[] {StrictMath.atan2(-r[1][2], r[1][1]), pitch, 0};
    }
  }
}
