package dev.reverie.sim;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.rosgraph_msgs.Clock;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Publishes what the arm senses, and counts who listens. */
final class ArmTopics {
  private static final String FRAME = "world";

  /**
   * A camera, whose topics and frame carry its name.
   *
   * @param encoding of its images
   */
  record Camera(String name, Lens lens, Encoding encoding) {}

  private record Gripper(String joint, Publisher<JointState> states) {}

  private final List<String> joints;
  private final List<Camera> cameras;
  private final List<Publisher<Image>> images;
  private final List<Publisher<CameraInfo>> cameraInfos;
  private final Publisher<JointState> jointStates;
  private final Publisher<JointTrajectory> teleop;
  private final Publisher<Outcome> outcome;
  private final Optional<Publisher<Clock>> clock;
  private final long periodNanos;
  private Optional<Gripper> gripper = Optional.empty();

  /**
   * Advertises the topics.
   *
   * @param joints in the order of commands and joint states
   * @param urdf of the arm; empty: nobody describes it
   * @param makesTime whether the observations carry the time forward, on /clock
   */
  ArmTopics(
      Node node,
      List<String> joints,
      String urdf,
      List<Camera> cameras,
      long periodNanos,
      boolean makesTime) {
    this.joints = List.copyOf(joints);
    this.cameras = List.copyOf(cameras);
    this.periodNanos = periodNanos;
    // Reliable, for lock-step must lose nothing; readers that ask for best effort match too.
    Qos qos = Qos.reliable(10);
    images =
        cameras.stream()
            .map(camera -> node.createPublisher(Image.TYPE, camera.name() + "/image_raw", qos))
            .toList();
    cameraInfos =
        cameras.stream()
            .map(
                camera ->
                    node.createPublisher(CameraInfo.TYPE, camera.name() + "/camera_info", qos))
            .toList();
    jointStates = node.createPublisher(JointState.TYPE, "joint_states", qos);
    teleop = node.createPublisher(JointTrajectory.TYPE, "teleop", qos);
    outcome = node.createPublisher(Outcome.TYPE, "outcome", qos);
    clock =
        makesTime ? Optional.of(node.createPublisher(Clock.TYPE, "/clock", qos)) : Optional.empty();
    if (!urdf.isEmpty()) {
      node.createPublisher(
              dev.reverie.msgs.std_msgs.String.TYPE, "robot_description", Qos.transientLocal(1))
          .publish(new dev.reverie.msgs.std_msgs.String(urdf));
    }
  }

  /** Names of the joints, in the order of commands and joint states. */
  List<String> joints() {
    return joints;
  }

  /**
   * Publishes an observation: first the time, last the joint states, after which it is complete.
   *
   * @param demonstration what an expert would answer, [joints] rad
   */
  void observation(long stampNanos, SensorReadings seen, Optional<double[]> demonstration) {
    var stamp = Stamps.time(stampNanos);
    clock.ifPresent(publisher -> publisher.publish(new Clock(stamp)));
    for (int camera = 0; camera < cameras.size(); camera++) {
      picture(camera, stampNanos, seen.pictures().get(camera));
    }
    demonstration(stampNanos, demonstration);
    jointStates(stampNanos, seen);
  }

  /** Publishes what an expert would do. */
  void demonstration(long stampNanos, Optional<double[]> demonstration) {
    var header = new Header(Stamps.time(stampNanos), FRAME);
    demonstration.ifPresent(positions -> teleop.publish(trajectory(header, positions)));
  }

  /** Publishes the picture of a camera and its calibration. */
  void picture(int camera, long stampNanos, byte[] rgb) {
    Camera of = cameras.get(camera);
    var header = new Header(Stamps.time(stampNanos), of.name() + "_optical_frame");
    int width = of.lens().width();
    int height = of.lens().height();
    cameraInfos.get(camera).publish(calibration(of.lens()).withHeader(header));
    Encoding encoding = of.encoding();
    images
        .get(camera)
        .publish(
            new Image(
                header,
                height,
                width,
                encoding.word(),
                (byte) 0,
                encoding.bytes() * width,
                encoding.encode(rgb)));
  }

  /** Publishes the measured state of the joints, by one publisher or by two. */
  void jointStates(long stampNanos, SensorReadings seen) {
    var header = new Header(Stamps.time(stampNanos), FRAME);
    List<String> first = new ArrayList<>(joints);
    gripper.ifPresent(
        other -> {
          first.remove(other.joint());
          other.states().publish(jointState(header, List.of(other.joint()), seen));
        });
    jointStates.publish(jointState(header, first, seen));
  }

  private JointState jointState(Header header, List<String> names, SensorReadings seen) {
    int[] indices = names.stream().mapToInt(joints::indexOf).toArray();
    return new JointState(
        header,
        names,
        Arrays.stream(indices).mapToDouble(i -> seen.positions()[i]).toArray(),
        Arrays.stream(indices).mapToDouble(i -> seen.velocities()[i]).toArray(),
        Arrays.stream(indices).mapToDouble(i -> seen.torques()[i]).toArray());
  }

  /** Has the joint state of the gripper published by another node from now on. */
  void splitGripper(Node node, String joint) {
    gripper =
        Optional.of(
            new Gripper(
                joint, node.createPublisher(JointState.TYPE, "joint_states", Qos.reliable(10))));
  }

  private JointTrajectory trajectory(Header header, double[] positions) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(positions)
            .withTimeFromStart(Stamps.duration(periodNanos));
    return new JointTrajectory(header, joints, List.of(point));
  }

  void outcome(long stampNanos, ArmEpisode.Ending ending) {
    outcome.publish(
        new Outcome(
            new Header(Stamps.time(stampNanos), FRAME),
            ending.success() ? Outcome.SUCCESS : Outcome.FAILURE,
            "simulated_arm",
            ending.reason()));
  }

  /** Counts the nodes that hear the joint states. */
  int listeners() {
    return jointStates.subscriptionCount();
  }

  /** A pinhole without distortion; pixel centres have whole coordinates. */
  private static CameraInfo calibration(Lens camera) {
    double f = camera.focalPixels();
    double u = camera.width() / 2.0 - 0.5;
    double v = camera.height() / 2.0 - 0.5;
    return new CameraInfo()
        .withHeight(camera.height())
        .withWidth(camera.width())
        .withDistortionModel("plumb_bob")
        .withD(new double[5])
        .withK(new double[] {f, 0, u, 0, f, v, 0, 0, 1})
        .withR(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1})
        .withP(new double[] {f, 0, u, 0, 0, f, v, 0, 0, 0, 1, 0});
  }
}
