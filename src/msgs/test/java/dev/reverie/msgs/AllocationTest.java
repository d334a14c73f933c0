package dev.reverie.msgs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.geometry_msgs.PoseWithCovariance;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.trajectory_msgs.JointTrajectory;
import dev.reverie.msgs.trajectory_msgs.JointTrajectoryPoint;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Views allocate nothing a message. */
class AllocationTest {
  private static final int MESSAGES = 200_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static double sum;

  /** Runs it for so many messages, twice: the first time the JIT compiler is at work. */
  private static void assertAllocatesNothing(Runnable oneMessage) {
    long allocated = 0;
    for (int round = 0; round < 2; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < MESSAGES; i++) {
        oneMessage.run();
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated, "bytes allocated for " + MESSAGES + " messages");
  }

  private static <T> MemorySegment cdr(MessageType<T> type, T message) {
    return MemorySegment.ofArray(type.encode(message));
  }

  @Test
  void readingAndWritingMessagesOfOneSizeAllocatesNothing() {
    var twists = new ViewBinding<>(Twist.VIEW);
    var times = new ViewBinding<>(Time.VIEW);
    var poses = new ViewBinding<>(PoseWithCovariance.VIEW);
    MemorySegment twistCdr = cdr(Twist.TYPE, new Twist());
    MemorySegment timeCdr = cdr(Time.TYPE, new Time());
    MemorySegment poseCdr = cdr(PoseWithCovariance.TYPE, new PoseWithCovariance());
    double[] covariance = new double[36];
    assertAllocatesNothing(
        () -> {
          Time.View time = times.bind(timeCdr);
          time.setSec(time.sec() + 1);
          Twist.View twist = twists.bind(twistCdr);
          twist.linear().setX(time.sec());
          twist.angular().setZ(twist.linear().x() / 2);
          PoseWithCovariance.View pose = poses.bind(poseCdr);
          pose.covariance().copyTo(covariance);
          covariance[7] += pose.pose().orientation().w();
          pose.covariance().set(covariance);
          pose.covariance().set(35, twist.angular().z());
          times.unbind();
          twists.unbind();
          poses.unbind();
        });
    assertEquals(2 * MESSAGES, Time.TYPE.decode(timeCdr).sec());
    assertEquals(MESSAGES, Twist.TYPE.decode(twistCdr).angular().z());
    assertEquals(2 * MESSAGES, PoseWithCovariance.TYPE.decode(poseCdr).covariance()[7]);
  }

  @Test
  void numbersOfMessagesOfAnySizeAreReadWithoutAllocating() {
    var joints = new ViewBinding<>(JointState.VIEW);
    var trajectories = new ViewBinding<>(JointTrajectory.VIEW);
    var states =
        List.of(
            cdr(JointState.TYPE, new JointState().withPosition(new double[] {1, 2, 3})),
            cdr(
                JointState.TYPE,
                new JointState().withName(List.of("a", "b")).withPosition(new double[] {4})));
    JointTrajectoryPoint point = new JointTrajectoryPoint().withPositions(new double[] {1, 2});
    MemorySegment trajectory =
        cdr(JointTrajectory.TYPE, new JointTrajectory().withPoints(List.of(point, point, point)));
    sum = 0;
    assertAllocatesNothing(
        () -> {
          for (int s = 0; s < 2; s++) {
            ArrayView.OfDouble position = joints.bind(states.get(s)).position();
            for (int i = 0; i < position.length(); i++) {
              sum += position.get(i);
            }
          }
          ArrayView.OfMessage<JointTrajectoryPoint.View> points =
              trajectories.bind(trajectory).points();
          for (int i = 0; i < points.length(); i++) {
            sum += points.get(i).positions().get(1);
          }
        });
    assertTrue(sum == 2.0 * MESSAGES * 16, "sum " + sum);
  }
}
