package dev.reverie.robot.motion;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * A process beside the robot node's, which hears on its standard input how the arm that moves is
 * braked. Where that falls silent, for the node was stopped, or ends, for it was killed, this
 * brakes the arm. It ends with the node.
 */
final class BrakeProcess {
  /** Silence after which the arm is braked; the node tells several times meanwhile. */
  private static final long SILENCE_NANOS = 50_000_000L;

  /** The controller gets that much time to the first point. */
  private static final long FIRST_NANOS = 70_000_000L;

  /** After which the way is sent again: the node's last trajectory may have come after it. */
  private static final long AGAIN_MS = 30;

  /** Bound of the time after its begin, where the first time took long: the arm is elsewhere. */
  private static final long AGAIN_AT_MOST_NANOS = 100_000_000L;

  /** Time for the message to reach the controller, after which the process may end. */
  private static final long SENT_MS = 500;

  /** Says of how many subscriptions the controller may be one, at the start and at each change. */
  static final byte REACHES = 1;

  /** Says from when on the arm is braked, {@link System#nanoTime}. */
  static final byte BRAKED = 2;

  private final Publisher<JointTrajectory> publisher;
  private final List<String> joints;
  private final FileInputStream in = new FileInputStream(FileDescriptor.in);
  private final DataOutputStream says = new DataOutputStream(System.out);
  private final Thread main = Thread.currentThread();
  private volatile BrakeFrame newest = BrakeFrame.REST;
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean ended;
  private int reached = -1; // as said last

  private BrakeProcess(Publisher<JointTrajectory> publisher, List<String> joints) {
    this.publisher = publisher;
    this.joints = joints;
  }

  /**
   * Brakes until the standard input ends. On the standard output it says a byte, {@link #REACHES}
   * or {@link #BRAKED}, with its long each time.
   *
   * @param args namespace and name of the node, topic of the trajectories, names of the joints
   */
  public static void main(String[] args) throws InterruptedException {
    String[] ros = {"--ros-args", "-r", "__ns:=" + args[0], "--disable-rosout-logs"};
    try (Context context = Context.init(ros)) {
      var node = context.createNode(args[1]);
      var publisher = node.createPublisher(JointTrajectory.TYPE, args[2], Qos.reliable(10));
      var process = new BrakeProcess(publisher, List.of(args).subList(3, args.length));
      Thread.ofPlatform().name("hears").daemon().start(process::hear);
      var _ = RealTimePriority.take();
      process.watch();
    }
  }

  private void say(byte what, long value) {
    try {
      says.writeByte(what);
      says.writeLong(value);
      says.flush();
    } catch (IOException e) { // the node has ended
      ended = true;
    }
  }

  private void hear() {
    var _ = RealTimePriority.take();
    try (var frames = new DataInputStream(new BufferedInputStream(in))) {
      while (true) {
        newest = BrakeFrame.read(frames);
        heardNanos = System.nanoTime();
      }
    } catch (IOException e) { // the node has ended
      ended = true;
      LockSupport.unpark(main);
    }
  }

  private void watch() throws InterruptedException {
    BrakeFrame done = BrakeFrame.REST;
    while (true) {
      reach();
      BrakeFrame frame = newest;
      long silent = System.nanoTime() - heardNanos;
      boolean last = ended;
      if (frame != done && (last || (silent >= SILENCE_NANOS && nothingCame()))) {
        brake(frame);
        done = frame;
      }
      if (last) {
        Thread.sleep(frame.ways().isEmpty() ? 0 : SENT_MS);
        return;
      }
      LockSupport.parkNanos(
          this, silent < SILENCE_NANOS ? SILENCE_NANOS - silent : SILENCE_NANOS / 4);
    }
  }

  private void reach() {
    int reaches = publisher.subscriptionCount();
    if (reaches != reached) {
      reached = reaches;
      say(REACHES, reaches);
    }
  }

  /** Returns whether the node is silent, rather than this process late to hear it. */
  private boolean nothingCame() {
    try {
      return in.available() == 0;
    } catch (IOException e) {
      return true;
    }
  }

  private void brake(BrakeFrame frame) throws InterruptedException {
    Optional<BrakeFrame.Way> way = frame.from(System.nanoTime());
    if (way.isPresent()) {
      say(BRAKED, way.get().beginNanos()); // first: a node that goes on just now knows it
      send(way.get());
      Thread.sleep(AGAIN_MS);
      boolean goesOn = !ended && newest != frame; // from where it was braked
      if (!goesOn && System.nanoTime() < way.get().beginNanos() + AGAIN_AT_MOST_NANOS) {
        send(way.get());
      }
    }
  }

  private void send(BrakeFrame.Way way) {
    long now = System.nanoTime();
    List<BrakeFrame.Point> ahead =
        way.points().stream().filter(point -> point.nanos() >= now + FIRST_NANOS).toList();
    List<BrakeFrame.Point> points = ahead.isEmpty() ? List.of(way.points().getLast()) : ahead;
    publisher.publish(
        new JointTrajectory(
            new Header(new Time(0, 0), ""),
            joints,
            points.stream().map(point -> point(point, now)).toList()));
  }

  /** A point of a way as the controller takes it, in a message that is sent now. */
  static JointTrajectoryPoint point(BrakeFrame.Point point, long now) {
    return new JointTrajectoryPoint()
        .withPositions(point.positions())
        .withVelocities(point.velocities())
        .withAccelerations(point.accelerations())
        .withTimeFromStart(Stamps.duration(Math.max(FIRST_NANOS, point.nanos() - now)));
  }
}
