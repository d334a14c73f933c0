package dev.reverie.sim;

import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.ParameterDeclaration;
import java.util.List;

/**
 * The settings by which a scene is shown and driven: the parameters of a simulated arm in a scene
 * of a file.
 *
 * @param width of all pictures, pixels
 * @param height of all pictures, pixels
 * @param samples per pixel along each axis
 * @param shown names of the cameras that make pictures; empty: all
 * @param triangles whether pictures are drawn with their textures, instead of by rays
 * @param jointRateHz of joint states and controllers, in real time
 * @param cameraRateHz of pictures, in real time
 * @param noiseRad of measured positions, standard deviation
 * @param jointLatencyS from stamp to publication of joint states
 * @param cameraLatencyS of pictures
 * @param jointDrops share of joint states that are not published, 0 to 1
 * @param cameraDrops of pictures
 * @param commandDrops of commands that do not arrive
 * @param forward whether joints are commanded by Float64MultiArray instead of trajectories
 * @param gripperJoint what {@code gripperController} and {@code gripperPublisher} are about
 * @param gripperController whether the gripper has a controller of its own
 * @param gripperPublisher whether the gripper's joint state comes from a node of its own
 * @param endsMoving whether a trajectory's last point may have a velocity
 * @param velocityLimit beyond which the measure counts, rad/s
 * @param seed of noise and drops
 */
record SceneSettings(
    int width,
    int height,
    int samples,
    List<String> shown,
    boolean triangles,
    Encoding encoding,
    double jointRateHz,
    double cameraRateHz,
    double noiseRad,
    double jointLatencyS,
    double cameraLatencyS,
    double jointDrops,
    double cameraDrops,
    double commandDrops,
    boolean forward,
    String gripperJoint,
    boolean gripperController,
    boolean gripperPublisher,
    boolean endsMoving,
    double velocityLimit,
    long seed) {
  /** Reads them from the node's parameters. */
  static SceneSettings of(Node node) {
    var read = new Reader(node);
    String controller = read.text("controller", "joint_trajectory", "joint_trajectory or forward");
    if (!controller.equals("joint_trajectory") && !controller.equals("forward")) {
      throw new IllegalArgumentException(
          "controller is '%s'; give joint_trajectory or forward".formatted(controller));
    }
    return new SceneSettings(
        (int) read.whole("image_width", 160, "of all pictures, pixels", 1, 1024),
        (int) read.whole("image_height", 120, "of all pictures, pixels", 1, 1024),
        (int) read.whole("image_samples", 1, "rays a pixel along each axis", 1, 16),
        read.texts("cameras", "names of those that make pictures; none: all"),
        read.renderer(),
        Encoding.named(read.text("camera_encoding", "rgb8", "of images, as in sensor_msgs")),
        read.number("joint_rate_hz", 100, "of joint states and controllers", 1, 1000),
        read.number("camera_rate_hz", 15, "of pictures", 0.1, 200),
        read.number("noise_rad", 0, "of measured positions, standard deviation", 0, 1),
        read.number("joint_latency_s", 0, "from stamp to publication of joint states", 0, 5),
        read.number("camera_latency_s", 0, "from stamp to publication of pictures", 0, 5),
        read.number("joint_drops", 0, "share of joint states that are lost", 0, 1),
        read.number("camera_drops", 0, "share of pictures that are lost", 0, 1),
        read.number("command_drops", 0, "share of commands that are lost", 0, 1),
        controller.equals("forward"),
        read.text("gripper_joint", "gripper", "the gripper's joint"),
        read.truth("gripper_controller", "the gripper has a controller of its own"),
        read.truth("gripper_publisher", "the gripper's joint state comes from a node of its own"),
        read.truth("end_velocity_allowed", "a trajectory may end in motion"),
        read.number("velocity_limit", 10, "beyond which ~/measure counts, rad/s", 0.001, 1000),
        read.whole("noise_seed", 1, "of noise and losses", Long.MIN_VALUE, Long.MAX_VALUE));
  }

  /** Looks through all cameras of a scene, or at all of it where it has none. */
  List<Lens> lenses(Simulation simulation) {
    List<String> all = simulation.model().cameras();
    for (String name : shown) {
      if (!all.contains(name)) {
        throw new IllegalArgumentException(
            "cameras has '%s'; the scene has %s".formatted(name, all));
      }
    }
    List<String> names = shown.isEmpty() ? all : shown;
    return (names.isEmpty() ? List.of(RayCamera.OVERVIEW) : names)
        .stream().map(name -> lens(simulation, name)).toList();
  }

  private Lens lens(Simulation simulation, String name) {
    return triangles
        ? new RasterCamera(simulation, name, width, height, samples)
        : RayCamera.of(simulation, name, width, height, samples);
  }

  /**
   * The gripper's joint.
   *
   * @throws IllegalArgumentException where the arm does not have it
   */
  String gripper(SceneArm arm) {
    if (!arm.names().contains(gripperJoint)) {
      throw new IllegalArgumentException(
          "gripper_joint is '%s'; the scene has %s".formatted(gripperJoint, arm.names()));
    }
    return gripperJoint;
  }

  private record Reader(Node node) {
    String text(String name, String byDefault, String what) {
      return node.declareParameter(
          ParameterDeclaration.of(name, byDefault).describedAs(what).readOnly());
    }

    List<String> texts(String name, String what) {
      List<String> texts =
          node.declareParameter(
              ParameterDeclaration.of(name, List.of("")).describedAs(what).readOnly());
      return texts.stream().filter(text -> !text.isEmpty()).toList();
    }

    /** Returns whether triangles are drawn. */
    boolean renderer() {
      String renderer = text("renderer", "rays", "how pictures are made: rays or triangles");
      if (!renderer.equals("rays") && !renderer.equals("triangles")) {
        throw new IllegalArgumentException(
            "renderer is '%s'; give rays or triangles".formatted(renderer));
      }
      return renderer.equals("triangles");
    }

    boolean truth(String name, String what) {
      return node.declareParameter(
          ParameterDeclaration.of(name, false).describedAs(what).readOnly());
    }

    double number(String name, double byDefault, String what, double from, double to) {
      return node.declareParameter(
          ParameterDeclaration.of(name, byDefault).describedAs(what).range(from, to).readOnly());
    }

    long whole(String name, long byDefault, String what, long from, long to) {
      return node.declareParameter(
          ParameterDeclaration.of(name, byDefault).describedAs(what).range(from, to).readOnly());
    }
  }
}
