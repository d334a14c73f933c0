package dev.reverie.robot;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.reverie.arm.ArmException;
import dev.reverie.arm.ArmFile.Teleoperation;
import dev.reverie.arm.UrdfFile;
import dev.reverie.mcap.rosbag2.Rosbag2Topic;
import dev.reverie.msgs.CdrException;
import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.msgs.rcl_interfaces.Log;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.Task;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.EndpointInfo;
import dev.reverie.rcljava.MessageInfo;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Qos.Durability;
import dev.reverie.rcljava.RclException;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.robot.control.ControlLoop;
import dev.reverie.robot.control.Senses;
import dev.reverie.robot.control.TeleopCommand;
import dev.reverie.robot.control.TeleopSources;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.CameraFrame;
import dev.reverie.robot.sense.CameraRate;
import dev.reverie.robot.sense.ClockJumps;
import dev.reverie.robot.sense.FirstMessages;
import dev.reverie.robot.sense.FrameReader;
import dev.reverie.robot.sense.FrozenCamera;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.JointPublishers;
import dev.reverie.robot.sense.JointPublishers.Publisher;
import dev.reverie.robot.sense.JointReader;
import dev.reverie.robot.sense.JointSample;
import dev.reverie.robot.sense.ObservationCheck;
import dev.reverie.robot.sense.ObservationSync;
import dev.reverie.robot.sense.ObservationSync.Use;
import dev.reverie.robot.sense.SenderClock;
import dev.reverie.robot.sense.Transforms;
import dev.reverie.robot.sense.UnseenCamera;
import dev.reverie.robot.setup.JointInput;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.setup.RobotParameters;
import dev.reverie.rollout.CameraCalibration;
import dev.reverie.rollout.JointReading.Source;
import dev.reverie.rollout.RolloutTopic;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/**
 * Hears the arm, its cameras and people; while an episode runs, what they say is recorded as it
 * came over the wire. For the control thread.
 */
final class Inputs {
  /** A message that seems to have waited longer in the middleware has met a clock that jumped. */
  private static final long MAX_WAIT_NANOS = 1_000_000_000L;

  private final Node node;
  private final Recorder recorder;
  private final FirstMessages first;
  private final ObservationSync sync;
  private final ControlLoop loop;
  private final Notices notices;
  private final ObservationCheck check;
  private final ClockJumps jumps;
  private final List<FrozenCamera> frozen = new ArrayList<>();
  private final List<CameraRate> rates = new ArrayList<>();
  private final List<UnseenCamera> unseen = new ArrayList<>();

  Inputs(
      Node node,
      Recorder recorder,
      FirstMessages first,
      Senses senses,
      boolean lockStep,
      ControlLoop loop,
      Notices notices) {
    this.node = node;
    this.recorder = recorder;
    this.first = first;
    sync = senses.sync();
    check = senses.check();
    jumps = new ClockJumps(lockStep);
    this.loop = loop;
    this.notices = notices;
  }

  /**
   * Subscribes to joint states and cameras: of those that policies see observations are made.
   *
   * @param lens takes the camera_info of those, as it came
   */
  void sense(RobotParameters parameters, BiConsumer<BundleSpec.Camera, byte[]> lens) {
    Task task = parameters.task();
    // In lock-step a lost message would stop the time.
    Qos qos = parameters.lockStep() ? Qos.reliable(10) : Qos.SENSOR_DATA;
    JointInput input = parameters.joints();
    var joints =
        new JointReader(
            task.jointNames(),
            input.names(),
            new JointPublishers(task.jointNames(), () -> publishers(input.topics())),
            parameters.lockStep());
    for (int i = 0; i < input.topics().size(); i++) {
      int of = i;
      first.joints(
          subscribe(
              JointState.TYPE,
              input.topics().get(i),
              qos,
              (topic, message, info) ->
                  joints(
                      topic,
                      message,
                      joints.read(
                          new Source(of, message, arrivalNanos(info)), info.publisherGid().hex()))),
          joints::newest);
    }
    for (int i = 0; i < task.cameras().size(); i++) {
      String camera = task.cameras().get(i).name();
      double frozenAfterS = parameters.lockStep() ? 0 : parameters.frozenAfterS().get(i);
      frozen.add(new FrozenCamera(camera, frozenAfterS));
      rates.add(new CameraRate(camera, parameters.lockStep() ? 0 : parameters.controlRateHz()));
      camera(i, task.cameras().get(i), parameters.cameraTopics().get(i), qos, lens);
    }
    parameters
        .recordedTopics()
        .forEach(
            (camera, topic) -> {
              var told = new UnseenCamera(camera, node.resolveTopic(topic), System.nanoTime());
              if (!parameters.lockStep()) {
                unseen.add(told);
              }
              recordOnly(topic, qos, told);
            });
  }

  /** Publishers of these topics; without names where the middleware tells none. */
  private List<Publisher> publishers(List<String> topics) {
    List<Publisher> found = new ArrayList<>();
    for (String topic : topics) {
      try {
        for (EndpointInfo one : node.graph().publishers(topic)) {
          found.add(new Publisher(one.gid(), one.fullName()));
        }
      } catch (RclException e) { // this version of ROS tells the number alone
        int count = node.graph().countPublishers(topic);
        found.addAll(Collections.nCopies(count, new Publisher("", "a node on " + topic)));
      }
    }
    return found;
  }

  private void camera(
      int index,
      BundleSpec.Camera camera,
      String name,
      Qos qos,
      BiConsumer<BundleSpec.Camera, byte[]> lens) {
    var reader = new FrameReader(camera, FrameReader.compressed(name));
    first.images(
        subscribe(
            reader.type(),
            name,
            qos,
            (topic, message, info) ->
                frame(topic, index, reader.read(message, arrivalNanos(info)))));
    latched(
        CameraInfo.TYPE,
        CameraCalibration.topic(name),
        qos,
        message -> lens.accept(camera, message));
  }

  /** Records a camera that no policy sees. */
  private void recordOnly(String name, Qos qos, UnseenCamera camera) {
    subscribe(
        FrameReader.type(name),
        name,
        qos,
        (topic, message, info) -> {
          camera.arrived(arrivalNanos(info));
          first.other(topic, message);
        });
    latched(CameraInfo.TYPE, CameraCalibration.topic(name), qos, message -> {});
  }

  private void joints(Rosbag2Topic topic, byte[] message, Optional<JointSample> sample) {
    Use use = sample.map(sync::add).orElse(Use.PART);
    switch (use) {
      case NEW -> {
        sample.filter(check::usable).flatMap(jumps::look).ifPresent(loop::jumped);
        recorder.record(topic, message);
        loop.observed();
      }
      case PART -> recorder.record(topic, message);
      case REPEATED -> loop.repeated(sample.orElseThrow().stampNanos());
      case LATE -> {}
    }
  }

  private void frame(Rosbag2Topic topic, int camera, CameraFrame frame) {
    rates.get(camera).arrived(frame.arrivalNanos());
    CameraFrame seen = frame.fault().isPresent() ? frame : frame.with(still(camera, frame));
    if (sync.add(camera, seen) == Use.NEW) {
      recorder.record(topic, frame.message());
      loop.observed();
    }
  }

  private Optional<HoldReason> still(int camera, CameraFrame frame) {
    double[] positions = sync.newestJoints().map(JointSample::positions).orElse(new double[0]);
    return frozen
        .get(camera)
        .look(frame.message(), frame.pixelsAt(), frame.stampNanos(), positions);
  }

  /** Tells of cameras that are not as they should be; to be called about once a second. */
  void watch() {
    for (int i = 0; i < rates.size(); i++) {
      notices.set(rates.get(i).name(), rates.get(i).notice(System.nanoTime()));
      notices.set(frozen.get(i).name(), frozen.get(i).notice());
    }
    unseen.forEach(camera -> notices.set(camera.name(), camera.notice(System.nanoTime())));
  }

  /** Subscribes to what a person moves the arm by; names of topics that are empty are not used. */
  void teleop(Teleoperation how, TeleopSources sources) {
    Qos reliable = Qos.reliable(10);
    person(JointTrajectory.TYPE, how.trajectory(), reliable, sources::trajectory, _ -> 0);
    person(
        JointState.TYPE,
        how.leader(),
        Qos.SENSOR_DATA,
        sources::leader,
        leader -> Stamps.nanos(leader.header().stamp()));
    person(TwistStamped.TYPE, how.twist(), Qos.SENSOR_DATA, sources::twist, _ -> 0);
    person(Float64.TYPE, how.gripper(), reliable, sources::gripper, _ -> 0);
  }

  /**
   * Subscribes to one of them.
   *
   * @param measured stamp of when a message was measured, ns; 0: when it was published counts
   */
  private <M> void person(
      MessageType<M> type,
      String name,
      Qos qos,
      BiFunction<M, Long, TeleopCommand> command,
      ToLongFunction<M> measured) {
    if (name.isEmpty()) {
      return;
    }
    var clock = new SenderClock();
    subscribe(
        type,
        name,
        qos,
        (topic, message, info) -> {
          try {
            M decoded = type.decode(message);
            long stamp = measured.applyAsLong(decoded);
            long sent = stamp == 0 ? info.sourceStampNanos() : stamp;
            long said = clock.sentNanos(sent, arrivalNanos(info));
            // It may begin an episode, so it is recorded after that.
            loop.teleop(command.apply(decoded, System.nanoTime()).said(said));
            recorder.record(topic, message);
          } catch (CdrException e) {
            node.logger()
                .log(
                    Level.WARNING,
                    "a command on '%s' cannot be read: %s".formatted(name, e.getMessage()));
          }
        });
  }

  /** Subscribes to texts: the arm's URDF, and what the policy is to do. */
  void texts(String descriptionTopic, Consumer<String> description, Consumer<String> instruction) {
    var text = dev.reverie.msgs.std_msgs.String.TYPE;
    latched(
        text,
        descriptionTopic,
        Qos.transientLocal(1),
        message -> description.accept(text.decode(message).data()));
    instruction(instruction);
  }

  /**
   * Subscribes to what the policy is to do, where the arm's URDF is a file; each bag has it too.
   */
  void texts(Path urdf, Consumer<String> description, Consumer<String> instruction) {
    String text;
    try {
      text = UrdfFile.readSound(urdf);
    } catch (ArmException e) {
      throw new RobotException(e.getMessage() + " (description.urdf of the arm file)", e);
    }
    Rosbag2Topic topic =
        RolloutTopic.ROBOT_DESCRIPTION.inBag(
            node.resolveTopic(RolloutTopic.ROBOT_DESCRIPTION.name()));
    first.keep(
        topic,
        RolloutTopic.ROBOT_DESCRIPTION.type().encode(new dev.reverie.msgs.std_msgs.String(text)),
        1);
    description.accept(text);
    instruction(instruction);
  }

  private void instruction(Consumer<String> instruction) {
    var text = dev.reverie.msgs.std_msgs.String.TYPE;
    node.createSubscription(
        text, "~/instruction", Qos.transientLocal(1), m -> instruction.accept(m.data()));
  }

  /**
   * Records transforms, and publishes where cameras stand.
   *
   * @param handEye files that say it
   */
  void transforms(List<String> handEye) {
    Transforms.record(node, recorder, first);
    Transforms.publish(node, handEye);
  }

  /**
   * Records what people ask for by way of other programs, since services do not tell who calls. A
   * bag begins with the requests since the one before it, the last of which may have begun its
   * episode.
   */
  void requests() {
    var _ =
        subscribe(
            Log.TYPE,
            "~/request",
            Qos.reliable(20),
            (topic, message, _) -> {
              recorder.record(topic, message);
              first.between(topic, message);
            });
  }

  /** Takes a message with its topic, and where it came from. */
  private interface Handler {
    void handle(Rosbag2Topic topic, byte[] message, MessageInfo info);
  }

  private Rosbag2Topic subscribe(MessageType<?> type, String name, Qos qos, Handler handler) {
    var topic = new Rosbag2Topic[1];
    var subscription =
        node.createSerializedSubscription(
            type.name(),
            name,
            qos,
            SubscriptionOptions.DEFAULT,
            (cdr, info) -> handler.handle(topic[0], cdr.toArray(JAVA_BYTE), info));
    boolean latched = qos.durability() == Durability.TRANSIENT_LOCAL;
    topic[0] = RolloutTopic.inBag(subscription.topic(), type, latched);
    return topic[0];
  }

  /** Subscribes to what an episode's bag begins with: the newest message of the topic. */
  private void latched(MessageType<?> type, String name, Qos qos, Consumer<byte[]> consumer) {
    subscribe(
        type,
        name,
        qos,
        (topic, message, info) -> {
          first.keep(topic, message, 1);
          consumer.accept(message);
        });
  }

  /** Returns when the middleware got the message, in the time of {@link System#nanoTime}. */
  private static long arrivalNanos(MessageInfo info) {
    long now = System.nanoTime();
    long waited = Clock.SYSTEM.nowNanos() - info.receivedStampNanos();
    return waited > 0 && waited < MAX_WAIT_NANOS ? now - waited : now;
  }
}
