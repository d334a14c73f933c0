package dev.reverie.robot;

import dev.reverie.arm.PlanarArm;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Status;
import dev.reverie.msgs.sensor_msgs.CameraInfo;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Clock;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A planar arm on real ROS 2 topics that goes where it is told at once, and whose driver and camera
 * can be broken. The true physics stand in the module sim.
 */
public final class TestArm implements AutoCloseable {
  public static final long PERIOD_NANOS = 100_000_000L;

  final BlockingQueue<JointTrajectory> trajectories = new LinkedBlockingQueue<>();
  final BlockingQueue<JointTrajectory> sent = new LinkedBlockingQueue<>(); // the same, for tests
  final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  final BlockingQueue<ActionChunk> chunks = new LinkedBlockingQueue<>();
  final BlockingQueue<Status> statuses = new LinkedBlockingQueue<>();
  public volatile UnaryOperator<JointState> driver = UnaryOperator.identity();
  public volatile UnaryOperator<Image> camera = UnaryOperator.identity();
  public volatile double[] positions = PlanarArm.inverse(0.4, 0.43);

  final Context context;
  public final Node node;
  private final Executor executor;
  private final Thread spinner;
  private final Publisher<Image> images;
  private final Publisher<Image> wristImages;
  private final Publisher<CameraInfo> infos;
  private final Publisher<JointState> joints;
  private final Publisher<JointTrajectory> teleop;
  private final Publisher<dev.reverie.msgs.std_msgs.String> description;
  private final Publisher<dev.reverie.msgs.std_msgs.String> instruction;
  private volatile Subscription<JointTrajectory> controller;
  private @Nullable JointTrajectory followed; // of the thread that lives
  private long followedNanos;
  private final ScheduledExecutorService time = Executors.newSingleThreadScheduledExecutor();

  TestArm(String namespace) {
    context = Context.init("--ros-args", "-r", "__ns:=" + namespace);
    node = context.createNode("arm");
    images = node.createPublisher(Image.TYPE, "camera/image_raw", Qos.reliable(10));
    wristImages = node.createPublisher(Image.TYPE, "wrist/image_raw", Qos.reliable(10));
    infos = node.createPublisher(CameraInfo.TYPE, "camera/camera_info", Qos.reliable(10));
    joints = node.createPublisher(JointState.TYPE, "joint_states", Qos.reliable(10));
    teleop = node.createPublisher(JointTrajectory.TYPE, "teleop", Qos.reliable(10));
    description =
        node.createPublisher(
            dev.reverie.msgs.std_msgs.String.TYPE, "robot_description", Qos.transientLocal(1));
    instruction =
        node.createPublisher(
            dev.reverie.msgs.std_msgs.String.TYPE, "robot/instruction", Qos.transientLocal(1));
    Qos qos = Qos.reliable(100);
    controller = controller();
    node.createSubscription(Command.TYPE, "robot/command", qos, commands::add);
    node.createSubscription(ActionChunk.TYPE, "robot/action_chunk", qos, chunks::add);
    node.createSubscription(Status.TYPE, "robot/status", qos, statuses::add);
    executor = new Executor(context);
    executor.add(node);
    spinner = Thread.ofPlatform().name("arm").start(executor::spin);
  }

  private Subscription<JointTrajectory> controller() {
    return node.createSubscription(
        JointTrajectory.TYPE,
        "joint_trajectory",
        Qos.reliable(100),
        trajectory -> {
          trajectories.add(trajectory);
          sent.add(trajectory);
        });
  }

  /** The controller is gone; the arm goes on to the end of what it was sent. */
  void loseController() {
    CompletableFuture.runAsync(controller::close, executor).join();
  }

  /** The controller is there again, with nothing of what it was sent. */
  void bringController() {
    sent.clear();
    CompletableFuture.runAsync(() -> controller = controller(), executor).join();
  }

  /** Observes at a rate from now on, and goes where it is told. */
  public void run(double hz) {
    long nanos = (long) (1e9 / hz);
    var _ = time.scheduleAtFixedRate(this::live, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private void live() {
    for (JointTrajectory t = trajectories.poll(); t != null; t = trajectories.poll()) {
      followed = t;
      followedNanos = System.nanoTime();
    }
    if (followed != null) {
      positions = at(followed, System.nanoTime() - followedNanos);
    }
    observe(Clock.SYSTEM.nowNanos());
  }

  /** Position at a time after the begin of a trajectory: at its next point, or the last one. */
  private static double[] at(JointTrajectory trajectory, long afterNanos) {
    return trajectory.points().stream()
        .filter(point -> Stamps.nanos(point.timeFromStart()) >= afterNanos)
        .findFirst()
        .orElse(trajectory.points().getLast())
        .positions();
  }

  /** A person says what is to be done. */
  void instruct(String words) {
    instruction.publish(new dev.reverie.msgs.std_msgs.String(words));
  }

  public void describe(String urdf) {
    description.publish(new dev.reverie.msgs.std_msgs.String(urdf));
  }

  /** Publishes an observation; the picture shows the stamp. */
  public void observe(long stampNanos) {
    var header = new Header(Stamps.time(stampNanos), "");
    byte[] pixels = new byte[TestBundles.PIXELS * TestBundles.PIXELS * 3];
    pixels[0] = (byte) (stampNanos / PERIOD_NANOS);
    var image =
        new Image(
            header,
            TestBundles.PIXELS,
            TestBundles.PIXELS,
            "rgb8",
            (byte) 0,
            3 * TestBundles.PIXELS,
            pixels);
    images.publish(camera.apply(image));
    wristImages.publish(image);
    double c = TestBundles.PIXELS / 2.0;
    infos.publish(
        new CameraInfo()
            .withHeader(header)
            .withWidth(TestBundles.PIXELS)
            .withHeight(TestBundles.PIXELS)
            .withDistortionModel("plumb_bob")
            .withD(new double[] {-0.1, 0, 0, 0, 0})
            .withK(new double[] {20, 0, c, 0, 20, c, 0, 0, 1}));
    joints.publish(
        driver.apply(
            new JointState()
                .withHeader(header)
                .withName(PlanarArm.JOINTS)
                .withPosition(positions.clone())));
  }

  /** A person sends the arm to joint positions. */
  void command(long stampNanos, double... target) {
    command("", stampNanos, target);
  }

  /**
   * Publishes a person's command.
   *
   * @param who frame_id of the command
   */
  void command(String who, long stampNanos, double... target) {
    teleop.publish(
        new JointTrajectory(
            new Header(Stamps.time(stampNanos), who),
            PlanarArm.JOINTS,
            List.of(new JointTrajectoryPoint().withPositions(target))));
  }

  /** The next command to the arm, which moves there. */
  public JointTrajectory follow() throws InterruptedException {
    JointTrajectory trajectory = take(trajectories, "trajectory");
    positions = trajectory.points().get(0).positions();
    return trajectory;
  }

  /** Waits for a command from this source. */
  public Command await(String source) throws InterruptedException {
    while (true) {
      Command command = take(commands, "command");
      if (command.source().equals(source)) {
        return command;
      }
    }
  }

  /** Waits until the node says that the arm holds still for a reason with these words. */
  Status awaitHold(String words) throws InterruptedException {
    while (true) {
      Status status = take(statuses, "status with the hold reason " + words);
      if (status.holdReason().contains(words)) {
        return status;
      }
    }
  }

  static <T> T take(BlockingQueue<T> queue, String what) throws InterruptedException {
    T next = queue.poll(15, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no " + what + " within 15 s");
    }
    return next;
  }

  @Override
  public void close() {
    time.close();
    context.shutdown();
    try {
      spinner.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    context.close();
  }
}
