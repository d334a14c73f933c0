package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.testing.Prepared;
import java.lang.management.ManagementFactory;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Messages of one size go out and come in through views without garbage. */
@Prepared
class HotPathTest {
  private static final int MESSAGES = 20_000;
  private static final int ROUNDS = 5;
  private static final long WAIT_NANOS = 1_000_000_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private long received;
  private double sum;

  /**
   * Sends message after message and waits for each, for some rounds: while the JIT compiler is at
   * work it may allocate, the last round must not. (What rounds down to 0 bytes a message is what
   * the executor does once a second.)
   *
   * @param send publishes one message
   * @param receive waits for it
   */
  private void assertNoGarbage(Runnable send, Runnable receive) {
    long allocated = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < MESSAGES; i++) {
        long next = received + 1;
        send.run();
        while (received < next) {
          receive.run();
        }
      }
      allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated / MESSAGES, allocated + " bytes for " + MESSAGES + " messages");
  }

  @Test
  void publishingAndTakingThroughAnExecutorAllocatesNothingAMessage() {
    try (var context = Context.init(new String[0]);
        var executor = new Executor(context)) {
      Node node = context.createNode("hot");
      executor.add(node);
      String topic = "hot_" + ProcessHandle.current().pid();
      ViewPublisher<Twist.View> twists =
          node.createViewPublisher(Twist.VIEW, topic, Qos.DEFAULT, new Twist());
      node.createViewSubscription(
          Twist.VIEW,
          topic,
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (twist, origin) -> {
            received++;
            sum += twist.linear().x();
            assertTrue(origin.sourceStampNanos() > 0);
          });
      assertNoGarbage(
          () -> {
            twists.borrow().linear().setX(received);
            twists.publish();
          },
          () -> executor.spinOnce(WAIT_NANOS));
      double n = (double) ROUNDS * MESSAGES;
      assertEquals(n * (n - 1) / 2, sum);
    }
  }

  @Test
  void publishingAndPollingAllocatesNothingAMessage() {
    try (var context = Context.init(new String[0])) {
      Node node = context.createNode("hot");
      String topic = "hot_polled_" + ProcessHandle.current().pid();
      ViewPublisher<Time.View> times =
          node.createViewPublisher(Time.VIEW, topic, Qos.DEFAULT, new Time());
      PolledViewSubscription<Time.View> polled =
          node.createViewSubscription(Time.VIEW, topic, Qos.DEFAULT);
      BiConsumer<Time.View, Origin> count = (time, origin) -> received += time.nanosec();
      assertNoGarbage(
          () -> {
            times.borrow().setNanosec(1);
            times.publish();
          },
          () -> polled.take(count));
    }
  }
}
