package dev.reverie.robot;

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
  private static final long FIRST_NANOS = 40_000_000L;

  /** After which the way is sent again: the node's last trajectory may have come after it. */
  private static final long AGAIN_MS = 30;

  /** The message may then be under way for another time: the way is met more slowly. */
  private static final long AGAIN_FIRST_NANOS = 60_000_000L;

  /** Time for the message to reach the controller, after which the process may end. */
  private static final long SENT_MS = 500;

  /** Time in which a controller that is there is found. */
  private static final long FOUND_NANOS = 500_000_000L;

  private final Publisher<JointTrajectory> publisher;
  private final List<String> joints;
  private final FileInputStream in = new FileInputStream(FileDescriptor.in);
  private final DataOutputStream says = new DataOutputStream(System.out);
  private final Thread main = Thread.currentThread();
  private volatile BrakeFrame newest = BrakeFrame.REST;
  private volatile long heardNanos = System.nanoTime();
  private volatile boolean ended;

  private BrakeProcess(Publisher<JointTrajectory> publisher, List<String> joints) {
    this.publisher = publisher;
    this.joints = joints;
  }

  /**
   * Brakes until the standard input ends. Says 0 on the standard output when it is ready, and then
   * each time that it brakes the moment from which on, {@link System#nanoTime}.
   *
   * @param args namespace and name of the node, topic of the trajectories, names of the joints
   */
  public static void main(String[] args) throws InterruptedException {
    String[] ros = {"--ros-args", "-r", "__ns:=" + args[0], "--disable-rosout-logs"};
    try (Context context = Context.init(ros)) {
      var node = context.createNode(args[1]);
      var publisher = node.createPublisher(JointTrajectory.TYPE, args[2], Qos.reliable(10));
      var process = new BrakeProcess(publisher, List.of(args).subList(3, args.length));
      long begun = System.nanoTime();
      while (publisher.subscriptionCount() == 0 && System.nanoTime() - begun < FOUND_NANOS) {
        Thread.sleep(10);
      }
      process.say(0);
      Thread.ofPlatform().name("hears").daemon().start(process::hear);
      process.watch();
    }
  }

  private void say(long nanos) {
    try {
      says.writeLong(nanos);
      says.flush();
    } catch (IOException e) { // the node has ended
      ended = true;
    }
  }

  private void hear() {
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
      send(way.get(), FIRST_NANOS);
      say(way.get().beginNanos());
      Thread.sleep(AGAIN_MS);
      if (!ended && newest != frame) {
        return; // the node goes on, from where it was braked
      }
      send(way.get(), AGAIN_FIRST_NANOS);
    }
  }

  private void send(BrakeFrame.Way way, long firstNanos) {
    long now = System.nanoTime();
    List<BrakeFrame.Point> ahead =
        way.points().stream().filter(point -> point.nanos() >= now + firstNanos).toList();
    List<BrakeFrame.Point> points = ahead.isEmpty() ? List.of(way.points().getLast()) : ahead;
    publisher.publish(
        new JointTrajectory(
            new Header(new Time(0, 0), ""),
            joints,
            points.stream().map(point -> point(point, now, firstNanos)).toList()));
  }

  private static JointTrajectoryPoint point(BrakeFrame.Point point, long now, long firstNanos) {
    return new JointTrajectoryPoint()
        .withPositions(point.positions())
        .withVelocities(point.velocities())
        .withAccelerations(point.accelerations())
        .withTimeFromStart(Stamps.duration(Math.max(firstNanos, point.nanos() - now)));
  }
}
