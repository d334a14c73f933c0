package dev.reverie.replay;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Hold;
import dev.reverie.msgs.reverie.LabelEpisode;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.reverie.RunPolicy;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.rosgraph_msgs.Clock;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.CompressedImage;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.policy.BundleSpec;
import dev.reverie.rcljava.Client;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.action.ActionClient;
import dev.reverie.rcljava.action.ClientGoalHandle;
import dev.reverie.rollout.CameraCalibration;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for an arm on real ROS 2 topics, with a recording's bytes, and for the person who asks
 * the robot node for an episode.
 */
final class PlaybackArm implements AutoCloseable {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofMillis(100);

  private final Context context;
  private final Executor executor;
  private final Thread spinner;
  private final Publisher<Clock> clock;
  private final Publisher<JointState> joints;
  private final List<Publisher<?>> images = new ArrayList<>();
  private final List<Publisher<CameraInfo>> infos = new ArrayList<>();
  private final Publisher<dev.reverie.msgs.std_msgs.String> description;
  private final Subscription<JointTrajectory> trajectories;
  private final BlockingQueue<Long> answered = new LinkedBlockingQueue<>();
  private final Client<LabelEpisode.Request, LabelEpisode.Response> label;
  private final ActionClient<RunPolicy.Goal, RunPolicy.Result, RunPolicy.Feedback> run;
  private volatile String state = "";
  private volatile @Nullable Status held; // the first of the episode that tells of a hold

  /**
   * Advertises the arm's topics and calls the node's services.
   *
   * @param namespace of the robot node and of all of these topics
   * @param compressed whether each camera sends JPEG or PNG
   */
  PlaybackArm(String namespace, List<BundleSpec.Camera> cameras, List<Boolean> compressed) {
    // The first context of a process decides how much is logged.
    context = Context.init("--ros-args", "--log-level", "warn", "-r", "__ns:=" + namespace);
    Node node = context.createNode("bag");
    Qos qos = Qos.reliable(10); // nothing may be lost; readers that ask for best effort match too
    clock = node.createPublisher(Clock.TYPE, "clock", qos);
    joints = node.createPublisher(JointState.TYPE, "joint_states", qos);
    for (int i = 0; i < cameras.size(); i++) {
      String topic = imageTopic(cameras.get(i), compressed.get(i));
      MessageType<?> type = compressed.get(i) ? CompressedImage.TYPE : Image.TYPE;
      images.add(node.createPublisher(type, topic, qos));
      infos.add(node.createPublisher(CameraInfo.TYPE, CameraCalibration.topic(topic), qos));
    }
    description =
        node.createPublisher(
            dev.reverie.msgs.std_msgs.String.TYPE, "robot_description", Qos.transientLocal(1));
    trajectories =
        node.createSubscription(
            JointTrajectory.TYPE,
            "joint_trajectory",
            Qos.reliable(100),
            (JointTrajectory t) -> answered.add(Stamps.nanos(t.header().stamp())));
    node.createSubscription(Status.TYPE, "robot/status", Qos.transientLocal(1), this::status);
    label = node.createClient(LabelEpisode.TYPE, "robot/label_episode");
    run = new ActionClient<>(node, RunPolicy.TYPE, "robot/run_policy");
    executor = new Executor(context);
    executor.add(node);
    spinner = Thread.ofPlatform().name("playback-arm").daemon().start(executor::spin);
  }

  private void status(Status status) {
    state = status.state();
    if (!status.episodeId().isEmpty() && held == null && status.hold().kind() != Hold.NONE) {
      held = status;
    }
  }

  static String imageTopic(BundleSpec.Camera camera, boolean compressed) {
    return camera.name() + (compressed ? "/image_raw/compressed" : "/image_raw");
  }

  /** Tells whether nobody has asked the program to stop. */
  boolean isOk() {
    return context.isOk();
  }

  /**
   * The first reason of this episode to hold the arm still, as the node said; empty without one.
   */
  String holdReason() {
    Status first = held;
    return first == null ? "" : first.holdReason();
  }

  /**
   * Waits until the robot node is active, hears and is heard; false where it takes longer than a
   * step.
   */
  boolean awaitRobot() {
    boolean heard =
        joints.subscriptionCount() > 0
            && images.stream().allMatch(image -> image.subscriptionCount() > 0)
            && trajectories.publisherCount() > 0;
    return run.waitForServer(STEP)
        && label.waitForService(STEP)
        && heard
        && state.equals(Status.ACTIVE);
  }

  void describe(byte[] urdf) {
    send(description, urdf);
  }

  void time(long nanos) {
    clock.publish(new Clock(Stamps.time(nanos)));
  }

  void joints(byte[] message) {
    send(joints, message);
  }

  void image(int camera, byte[] message) {
    send(images.get(camera), message);
  }

  void info(int camera, byte[] message) {
    send(infos.get(camera), message);
  }

  private static void send(Publisher<?> publisher, byte[] cdr) {
    publisher.publishSerialized(MemorySegment.ofArray(cdr));
  }

  /** Forgets the commands so far. */
  void forgetCommands() {
    answered.clear();
  }

  /** Stamp of the next command; null where none comes within the time. */
  @Nullable Long nextCommand(Duration limit) {
    try {
      return answered.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReplayException("interrupted while waiting for a command", e);
    }
  }

  ClientGoalHandle<RunPolicy.Result> begin(RunPolicy.Goal goal) {
    held = null;
    return await("answer to the goal", run.sendGoal(goal, feedback -> {}));
  }

  /** Ends the episode at a stamp, as the recorded one ended. */
  void label(Outcome outcome) {
    LabelEpisode.Response response =
        await("answer to the label", label.call(new LabelEpisode.Request("", outcome)));
    if (!response.success()) {
      throw new ReplayException("the robot node refused the outcome: " + response.message());
    }
  }

  /** Waits for what the robot node owes. */
  <T> T await(String what, CompletableFuture<T> answer) {
    return context.await(what + " from the robot node", answer, ANSWER_LIMIT);
  }

  @Override
  public void close() {
    context.shutdown();
    try {
      spinner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    context.close();
  }
}
