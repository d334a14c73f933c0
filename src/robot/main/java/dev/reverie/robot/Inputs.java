package dev.reverie.robot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.MessageInfo;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Qos.Durability;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the node hears of the arm, its cameras and people; while an episode runs it is recorded as
 * it came over the wire. For the control thread.
 */
final class Inputs {

  private static final long CLOCK_JUMP_NANOS = 1_000_000_000L;

  /** Who acts on the inputs. */
  interface Listener {
    /** A joint state or an image came and is in the {@link ObservationSync}. */
    void observed();

    /** In lock-step, the joint state of an observation came again. */
    void repeated(long stampNanos);

    void teleop(TeleopCommand command);

    void instruction(String instruction);

    /** The arm's URDF. */
    void description(String urdf);
  }

  private interface Taker {
    void take(byte[] message, long arrivalNanos);
  }

  private final Node node;
  private final Recorder recorder;
  private final ObservationSync sync;
  private final Listener listener;
  private final boolean lockStep;
  private final Qos sensorQos;
  private final JointReader jointReader;
  private final Rosbag2Topic jointTopic;
  private final Rosbag2Topic teleopTopic;
  private final Transforms transforms;
  private final List<Rosbag2Topic> cameraTopics = new ArrayList<>();
  private final Map<Rosbag2Topic, byte[]> latched = new LinkedHashMap<>();
  private final long[] cameraStamps;
  private long jointStamp = Long.MIN_VALUE;
  private long floorNanos = Long.MIN_VALUE; // what is not later belongs to an ended episode

  Inputs(
      Node node,
      RobotParameters parameters,
      BundleSpec spec,
      Recorder recorder,
      ObservationSync sync,
      Listener listener) {
    this.node = node;
    this.recorder = recorder;
    this.sync = sync;
    this.listener = listener;
    lockStep = parameters.lockStep();
    // In lock-step a lost message would stop the time.
    sensorQos = lockStep ? Qos.reliable(10) : Qos.SENSOR_DATA;
    jointReader = new JointReader(spec.jointNames());
    cameraStamps = new long[spec.cameras().size()];
    java.util.Arrays.fill(cameraStamps, Long.MIN_VALUE);
    jointTopic =
        subscribe(JointState.TYPE, RolloutTopic.JOINT_STATES.name(), sensorQos, this::joints);
    for (int i = 0; i < cameraStamps.length; i++) {
      subscribeCamera(i, spec.cameras().get(i), parameters.cameraTopics().get(i));
    }
    var text = dev.reverie.msgs.std_msgs.String.TYPE;
    latch(
        text,
        RolloutTopic.ROBOT_DESCRIPTION.name(),
        Qos.transientLocal(1),
        message -> listener.description(text.decode(message).data()));
    node.createSubscription(
        text, "~/instruction", Qos.transientLocal(1), m -> listener.instruction(m.data()));
    teleopTopic =
        subscribe(
            JointTrajectory.TYPE,
            "teleop",
            Qos.reliable(10),
            (message, arrival) -> teleop(message, spec.jointNames()));
    transforms = new Transforms(node, recorder, told -> node.logger().log(Level.INFO, told));
  }

  private void teleop(byte[] message, List<String> joints) {
    JointTrajectory command;
    try {
      command = JointTrajectory.TYPE.decode(message);
    } catch (CdrException e) {
      node.logger().log(Level.WARNING, "a teleop command cannot be read: " + e.getMessage());
      return;
    }
    // It may begin an episode, so it is recorded after that.
    listener.teleop(TeleopCommand.of(command, joints, System.nanoTime()));
    recorder.record(teleopTopic, message);
  }

  private void subscribeCamera(int index, BundleSpec.Camera camera, String topic) {
    boolean compressed = topic.endsWith("/compressed");
    var reader = new FrameReader(camera, compressed);
    cameraTopics.add(
        subscribe(
            reader.type(),
            topic,
            sensorQos,
            (message, arrival) -> frame(index, reader.read(message, arrival))));
    latch(CameraInfo.TYPE, CameraCalibration.topic(topic), sensorQos, message -> {});
  }

  private Rosbag2Topic subscribe(MessageType<?> type, String name, Qos qos, Taker taker) {
    var subscription =
        node.createSerializedSubscription(
            type.name(),
            name,
            qos,
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> taker.take(cdr.toArray(JAVA_BYTE), arrivalNanos(info)));
    boolean latched = qos.durability() == Durability.TRANSIENT_LOCAL;
    return RolloutTopic.inBag(subscription.topic(), type, latched);
  }

  /** Subscribes to what an episode's bag begins with: the newest message of the topic. */
  private void latch(MessageType<?> type, String name, Qos qos, Consumer<byte[]> taker) {
    var topic = new Rosbag2Topic[1];
    topic[0] =
        subscribe(
            type,
            name,
            qos,
            (message, arrival) -> {
              latched.put(topic[0], message);
              recorder.record(topic[0], message);
              taker.accept(message);
            });
  }

  /** When the middleware got the message, in the time of {@link System#nanoTime}. */
  private static long arrivalNanos(MessageInfo info) {
    long now = System.nanoTime();
    long waited = Clock.SYSTEM.nowNanos() - info.receivedStampNanos();
    return waited > 0 && waited < CLOCK_JUMP_NANOS ? now - waited : now;
  }

  private void joints(byte[] message, long arrivalNanos) {
    JointSample sample = jointReader.read(message, arrivalNanos);
    if (!concerns(sample.stampNanos())) {
      return;
    }
    if (lockStep && sample.stampNanos() == jointStamp) {
      listener.repeated(jointStamp);
      return;
    }
    jointStamp = sample.stampNanos();
    recorder.record(jointTopic, message);
    sync.add(sample);
    listener.observed();
  }

  private void frame(int camera, CameraFrame frame) {
    boolean again = lockStep && frame.stampNanos() == cameraStamps[camera];
    if (again || !concerns(frame.stampNanos())) {
      return;
    }
    cameraStamps[camera] = frame.stampNanos();
    recorder.record(cameraTopics.get(camera), frame.message());
    sync.add(camera, frame);
    listener.observed();
  }

  /** Whether an observation is not one of an ended episode that came late. */
  private boolean concerns(long stampNanos) {
    if (!lockStep || stampNanos > floorNanos) {
      return true;
    }
    if (stampNanos < floorNanos - CLOCK_JUMP_NANOS) { // the arm's clock started anew
      floorNanos = Long.MIN_VALUE;
      return true;
    }
    return false;
  }

  /** Observations up to this stamp concern no later episode. */
  void ignoreUpTo(long stampNanos) {
    floorNanos = stampNanos;
  }

  /** Records what an episode's bag begins with. */
  void recordFirst(Sensed first) {
    latched.forEach(recorder::record);
    transforms.recordFirst();
    recorder.record(jointTopic, first.joints().message());
    for (int i = 0; i < first.frames().size(); i++) {
      recorder.record(cameraTopics.get(i), first.frames().get(i).message());
    }
  }
}
