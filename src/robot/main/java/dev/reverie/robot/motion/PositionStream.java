package dev.reverie.robot.motion;

import dev.reverie.arm.MotionPlan;
import dev.reverie.arm.Reference;
import dev.reverie.msgs.std_msgs.Float64MultiArray;
import dev.reverie.msgs.std_msgs.MultiArrayLayout;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Streams the reference's positions in the order of the joints, as a forward_command_controller
 * takes them, from a thread of its own at absolute times. It goes on at rest, and ends when the arm
 * is released and rests.
 */
final class PositionStream implements Drive {
  /** Before its time the thread no longer sleeps: a wake-up is that uncertain. */
  private static final long SPIN_NANOS = 100_000L;

  /** Silence after which the arm is taken to stand where it was sent last. */
  private static final long STANDS_NANOS = 100_000_000L;

  /** A thread that was kept from its work catches up on the motion at this speed: no leap. */
  private static final double CATCH_UP = 1.1;

  /** A thread that is later leaves out the messages that it missed. */
  private static final long MISSED_NANOS = 20_000_000L;

  private final Publisher<Float64MultiArray> publisher;
  private final int[] joints;
  private final long periodNanos;
  private final long standsNanos;
  private final LongConsumer stood;
  private final Thread thread;
  private volatile @Nullable Reference reference;
  private volatile boolean released;
  private volatile boolean closed;

  /**
   * Starts the thread.
   *
   * @param joints indices of those that it has, of the reference's
   * @param stood takes the length of a silence, ns, in which an arm that was to move was sent
   *     nothing
   */
  PositionStream(Node node, String topic, int[] joints, double rateHz, LongConsumer stood) {
    this.joints = joints;
    this.stood = stood;
    publisher = node.createPublisher(Float64MultiArray.TYPE, topic, Qos.reliable(1));
    periodNanos = Math.round(1e9 / rateHz);
    standsNanos = Math.max(STANDS_NANOS, 3 * periodNanos);
    thread = Thread.ofPlatform().name("stream").daemon().unstarted(this::run);
    thread.start();
  }

  @Override
  public void follow(Reference begun) {
    released = false;
    reference = begun;
    LockSupport.unpark(thread);
  }

  @Override
  public void planned(double[] measured) {}

  @Override
  public void release() {
    released = true;
  }

  private void run() {
    var _ = RealTimePriority.take(); // where it may not, the system's load is seen in the stream
    long due = System.nanoTime();
    long played = due;
    double[] velocity = {};
    double[] sent = {};
    long sentNanos = 0;
    Reference before = null;
    while (!closed) {
      Reference now = reference;
      if (now == null) {
        LockSupport.park(this);
        due = System.nanoTime();
        played = due;
        continue;
      }
      due = awaited(due + periodNanos);
      MotionPlan plan = now.plan();
      double[] position = new double[now.size()];
      velocity = velocity.length == position.length ? velocity : new double[position.length];
      played = Math.min(due, played + (long) (CATCH_UP * periodNanos));
      plan.at(played, position, velocity);
      long silent = System.nanoTime() - sentNanos;
      if (now == before && silent > standsNanos && !Arrays.equals(position, sent)) {
        // The process was stopped, or the machine far too busy: to go on would be a leap.
        now.standAt(sent, System.nanoTime());
        stood.accept(silent);
        position = sent;
      }
      before = now;
      sent = position;
      sentNanos = System.nanoTime();
      publisher.publish(
          new Float64MultiArray(new MultiArrayLayout(List.of(), 0), Drives.some(joints, position)));
      if (released && plan.rests(played) && reference == now) {
        reference = null;
      }
    }
  }

  @Override
  public void stay(JointTrajectory where) {} // a stream begins with a reference

  /** Sleeps until a time, and spins for the last part; returns the time that counts. */
  private long awaited(long dueNanos) {
    long left = dueNanos - System.nanoTime();
    if (left < -MISSED_NANOS) {
      return System.nanoTime();
    }
    while (left > 0 && !closed) {
      if (left > SPIN_NANOS) {
        LockSupport.parkNanos(this, left - SPIN_NANOS);
      } else {
        Thread.onSpinWait();
      }
      left = dueNanos - System.nanoTime();
    }
    return dueNanos;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
