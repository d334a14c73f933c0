package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.BasicTypes;
import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Prepared
class ExecutorTest {
  @Test
  void aTaskOfAnotherThreadRunsOnTheSpinningOne() throws Exception {
    try (var ros = new TestRos()) {
      var first = new CompletableFuture<Thread>();
      var second = new CompletableFuture<Thread>();
      Thread.ofVirtual()
          .start(
              () -> {
                ros.executor.execute(() -> first.complete(Thread.currentThread()));
                ros.executor.execute(() -> second.complete(Thread.currentThread()));
              });
      assertSame(TestRos.get(first), TestRos.get(second));
      assertEquals("spin", TestRos.get(first).getName());
    }
  }

  @Test
  void aNodeTellsItsExecutorWhichRunsTasksOfTheJdkToo() {
    try (var ros = new TestRos()) {
      Executor executor = ros.node.executor().orElseThrow();
      assertSame(ros.executor, executor);
      String name =
          CompletableFuture.supplyAsync(() -> Thread.currentThread().getName(), executor)
              .orTimeout(TestRos.TIMEOUT.toSeconds(), TimeUnit.SECONDS)
              .join();
      assertEquals("spin", name);
      executor.remove(ros.node);
      assertTrue(ros.node.executor().isEmpty());
    }
  }

  @Test
  void manyThreadsMayPublishOnOnePublisher() throws Exception {
    try (var ros = new TestRos()) {
      var sums = new long[8];
      var received = new CountDownLatch(8 * 100);
      var qos = new Qos(Qos.History.KEEP_ALL, 0, Qos.Reliability.RELIABLE, Qos.Durability.VOLATILE);
      ros.node.createSubscription(
          BasicTypes.TYPE,
          "numbers",
          qos,
          m -> {
            sums[m.int32Value()] += m.int64Value();
            received.countDown();
          });
      Publisher<BasicTypes> publisher = ros.node.createPublisher(BasicTypes.TYPE, "numbers", qos);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      for (int thread = 0; thread < 8; thread++) {
        int id = thread;
        Thread.Builder builder = id % 2 == 0 ? Thread.ofVirtual() : Thread.ofPlatform();
        builder.start(
            () -> {
              for (int i = 1; i <= 100; i++) {
                publisher.publish(new BasicTypes().withInt32Value(id).withInt64Value(i));
              }
            });
      }
      assertTrue(received.await(TestRos.TIMEOUT.toSeconds(), TimeUnit.SECONDS));
      for (long sum : sums) {
        assertEquals(5050, sum);
      }
    }
  }

  @Test
  void partsComeAndGoWhileTheExecutorSpins() throws Exception {
    try (var ros = new TestRos()) {
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "tick", Qos.DEFAULT);
      var count = new AtomicInteger();
      for (int i = 0; i < 20; i++) {
        int before = count.get();
        Subscription<Empty> subscription =
            ros.node.createSubscription(
                Empty.TYPE, "tick", Qos.DEFAULT, m -> count.incrementAndGet());
        ros.await("matched", () -> publisher.subscriptionCount() == 1);
        publisher.publish(new Empty());
        ros.await("received", () -> count.get() > before);
        subscription.close();
        ros.await("gone", () -> publisher.subscriptionCount() == 0);
      }
      assertEquals(20, count.get());
    }
  }

  @Test
  void aCallbackMayCloseItsOwnSubscriptionAndNode() throws Exception {
    try (var ros = new TestRos()) {
      Node other = ros.context.createNode("other");
      ros.executor.add(other);
      var closed = new CompletableFuture<Boolean>();
      var subscription = new CompletableFuture<Subscription<Empty>>();
      subscription.complete(
          other.createSubscription(
              Empty.TYPE,
              "once",
              Qos.transientLocal(1),
              m -> {
                subscription.join().close();
                other.close();
                closed.complete(true);
              }));
      ros.node.createPublisher(Empty.TYPE, "once", Qos.transientLocal(1)).publish(new Empty());
      assertTrue(TestRos.get(closed));
    }
  }

  @Test
  void timersKeepTheirPeriodUntilTheyAreClosed() throws Exception {
    try (var ros = new TestRos()) {
      List<Long> stamps = new ArrayList<>();
      var done = new CompletableFuture<List<Long>>();
      var timer = new CompletableFuture<Timer>();
      timer.complete(
          ros.node.createTimer(
              Duration.ofMillis(5),
              () -> {
                stamps.add(System.nanoTime());
                if (stamps.size() == 20) {
                  timer.join().close();
                  done.complete(List.copyOf(stamps));
                }
              }));
      List<Long> seen = TestRos.get(done);
      long took = seen.getLast() - seen.getFirst();
      assertTrue(took > 17 * 5_000_000L, "19 periods of 5 ms took " + took + " ns");
      Thread.sleep(20);
      assertEquals(20, stamps.size());
    }
  }

  @Test
  void spinningComesBackWithWhatACallbackThrew() {
    try (Context context = Context.init();
        Node node = context.createNode("failing")) {
      var executor = new Executor(context);
      executor.add(node);
      assertFalse(executor.spinOnce(Duration.ofMillis(1)));
      node.createTimer(
          Duration.ofMillis(1),
          () -> {
            throw new ArithmeticException("of a callback");
          });
      assertThrows(ArithmeticException.class, executor::spin);
      assertThrows(IllegalStateException.class, () -> executor.add(node));
    }
  }

  @Test
  void aCallbackMustNotSpinItsOwnExecutor() {
    try (Context context = Context.init()) {
      var executor = new Executor(context);
      executor.execute(executor::spin);
      assertThrows(IllegalStateException.class, executor::spin);
    }
  }
}
