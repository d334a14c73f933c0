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
import java.util.List;
import java.util.Optional;

/** Publishes what the arm senses, and counts who listens. */
final class ArmTopics {
  private static final String FRAME = "world";
  private static final String OPTICAL_FRAME = "camera_optical_frame";

  private final Publisher<Image> image;
  private final Publisher<CameraInfo> cameraInfo;
  private final Publisher<JointState> jointStates;
  private final Publisher<JointTrajectory> teleop;
  private final Publisher<Outcome> outcome;
  private final Optional<Publisher<Clock>> clock;
  private final CameraInfo calibration;
  private final int size;
  private final long periodNanos;

  /**
   * Advertises the topics.
   *
   * @param makesTime whether the observations carry the time forward, on /clock
   */
  ArmTopics(Node node, RayCamera camera, long periodNanos, boolean makesTime) {
    size = camera.size();
    calibration = calibration(camera);
    this.periodNanos = periodNanos;
    // Reliable, for lock-step must lose nothing; readers that ask for best effort match too.
    Qos qos = Qos.reliable(10);
    image = node.createPublisher(Image.TYPE, "camera/image_raw", qos);
    cameraInfo = node.createPublisher(CameraInfo.TYPE, "camera/camera_info", qos);
    jointStates = node.createPublisher(JointState.TYPE, "joint_states", qos);
    teleop = node.createPublisher(JointTrajectory.TYPE, "teleop", qos);
    outcome = node.createPublisher(Outcome.TYPE, "outcome", qos);
    clock =
        makesTime ? Optional.of(node.createPublisher(Clock.TYPE, "/clock", qos)) : Optional.empty();
    node.createPublisher(
            dev.reverie.msgs.std_msgs.String.TYPE, "robot_description", Qos.transientLocal(1))
        .publish(new dev.reverie.msgs.std_msgs.String(PegScene.resource("peg-arm.urdf")));
  }

  /**
   * Publishes an observation: first the time, last the joint states, after which it is complete.
   *
   * @param demonstration what an expert would answer, [3] rad
   */
  void observation(long stampNanos, SensorReadings seen, Optional<double[]> demonstration) {
    var stamp = Stamps.time(stampNanos);
    var optical = new Header(stamp, OPTICAL_FRAME);
    clock.ifPresent(publisher -> publisher.publish(new Clock(stamp)));
    cameraInfo.publish(calibration.withHeader(optical));
    image.publish(new Image(optical, size, size, "rgb8", (byte) 0, 3 * size, seen.picture()));
    var header = new Header(stamp, FRAME);
    demonstration.ifPresent(positions -> teleop.publish(trajectory(header, positions)));
    jointStates.publish(
        new JointState(header, PegArm.JOINTS, seen.positions(), seen.velocities(), seen.torques()));
  }

  private JointTrajectory trajectory(Header header, double[] positions) {
    var point =
        new JointTrajectoryPoint()
            .withPositions(positions)
            .withTimeFromStart(Stamps.duration(periodNanos));
    return new JointTrajectory(header, PegArm.JOINTS, List.of(point));
  }

  void outcome(long stampNanos, PegEpisode.Ending ending) {
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
  private static CameraInfo calibration(RayCamera camera) {
    double f = camera.focalPixels();
    double c = camera.size() / 2.0 - 0.5;
    return new CameraInfo()
        .withHeight(camera.size())
        .withWidth(camera.size())
        .withDistortionModel("plumb_bob")
        .withD(new double[5])
        .withK(new double[] {f, 0, c, 0, f, c, 0, 0, 1})
        .withR(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1})
        .withP(new double[] {f, 0, c, 0, 0, f, c, 0, 0, 0, 1, 0});
  }
}
