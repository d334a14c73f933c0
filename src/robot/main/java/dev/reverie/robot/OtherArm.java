package dev.reverie.robot;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.Urdf;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import dev.reverie.robot.sense.FrameReader;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.JointNames;
import dev.reverie.rollout.NearestNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Finds out soon after the start whether the arm beside the node is another one than its bundle or
 * arm file is for: by the URDF that comes first; without one by the names in the joint states; and
 * by the cameras, once the arm is there. Where nothing of an arm is there it finds nothing. For the
 * control thread.
 */
final class OtherArm {
  private final Node node;
  private final RobotParameters parameters;
  private final long deadlineNanos;
  private final SortedSet<String> measured = new TreeSet<>();
  private final List<AutoCloseable> subscriptions = new ArrayList<>();
  private boolean described;
  private boolean decided;

  /** Begins to listen; it decides within {@code observation_timeout_s}. */
  OtherArm(Node node, RobotParameters parameters) {
    this.node = node;
    this.parameters = parameters;
    deadlineNanos =
        System.nanoTime() + (long) (parameters.observationTimeoutS() * TimeUnit.SECONDS.toNanos(1));
    for (String topic : parameters.joints().topics()) {
      subscriptions.add(
          node.createSubscription(
              JointState.TYPE, topic, Qos.SENSOR_DATA, m -> measured.addAll(m.name())));
    }
  }

  /**
   * Takes the arm's URDF; returns why it is another arm's, where it is the first and comes in time.
   */
  Optional<String> described(String urdf) {
    if (decided || described) {
      return Optional.empty();
    }
    try {
      Urdf parsed = Urdf.parse(urdf);
      List<String> moving = parsed.moving();
      if (moving.isEmpty() || !parsed.fault().isEmpty()) {
        return Optional.empty(); // no arm, or xacro
      }
      described = true;
      return lacking("URDF", moving);
    } catch (ArmException e) {
      return Optional.empty(); // it says nothing of any arm; who moves the arm tells
    }
  }

  /**
   * Returns why the arm is another one, at the end of the time for it; to be asked now and then.
   */
  Optional<String> watch() {
    if (decided || System.nanoTime() < deadlineNanos) {
      return Optional.empty();
    }
    decided = true;
    node.closeParts(subscriptions);
    if (measured.isEmpty()) {
      return Optional.empty();
    }
    Optional<String> joint = described ? Optional.empty() : lacking("joint states", measured);
    return joint.or(this::lackingCamera);
  }

  private Optional<String> lacking(String what, Collection<String> there) {
    JointNames names = parameters.joints().names();
    return parameters.task().jointNames().stream()
        .filter(joint -> !there.contains(names.inMessages(joint)))
        .findFirst()
        .map(
            joint ->
                "joint '%s' of %s is not in the arm's %s, which has %s; nearest: %s. Use one made for this arm, or say by joint_names, joint_prefix or joint_states of an arm file how its joints are called"
                    .formatted(
                        joint,
                        whose(),
                        what,
                        there,
                        NearestNames.of(names.inMessages(joint), there)));
  }

  private Optional<String> lackingCamera() {
    List<String> cameras = parameters.task().cameraNames();
    for (int i = 0; i < cameras.size(); i++) {
      String topic = parameters.cameraTopics().get(i);
      if (node.graph().countPublishers(topic) == 0) {
        return Optional.of(
            "camera '%s' of %s: nobody publishes on '%s'; images are on %s. Start the camera first, set camera.%s.topic, or use one made for this arm"
                .formatted(
                    cameras.get(i), whose(), node.resolveTopic(topic), images(), cameras.get(i)));
      }
      Optional<String> type = otherType(node.resolveTopic(topic), FrameReader.type(topic).name());
      if (type.isPresent()) {
        return Optional.of(
            "camera '%s' of %s: %s (a name that ends in /compressed is one of compressed images, any other is not); images are on %s. Set camera.%s.topic"
                .formatted(cameras.get(i), whose(), type.get(), images(), cameras.get(i)));
      }
    }
    return Optional.empty();
  }

  /** Says of which type a topic is; empty where it is of the right one, or nobody knows. */
  private Optional<String> otherType(String topic, String right) {
    try {
      List<String> types =
          node.graph().publishers(topic).stream().map(EndpointInfo::type).distinct().toList();
      return types.isEmpty() || types.contains(right)
          ? Optional.empty()
          : Optional.of("'%s' is of %s and not of %s".formatted(topic, types, right));
    } catch (RclException e) { // this version of ROS tells no types of publishers
      return Optional.empty();
    }
  }

  private List<String> images() {
    return node.graph().topics().entrySet().stream()
        .filter(
            topic ->
                topic.getValue().contains(Image.TYPE.name())
                    || topic.getValue().contains(CompressedImage.TYPE.name()))
        .map(topic -> topic.getKey())
        .filter(topic -> node.graph().countPublishers(topic) > 0)
        .toList();
  }

  private String whose() {
    return parameters.bundle().isEmpty()
        ? "the arm file"
        : "the bundle '%s'".formatted(parameters.bundle());
  }
}
