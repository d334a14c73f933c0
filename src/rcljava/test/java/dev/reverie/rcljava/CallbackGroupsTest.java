package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.BasicTypes;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Prepared
class CallbackGroupsTest {
  private static final Qos ALL =
      new Qos(Qos.History.KEEP_ALL, 0, Qos.Reliability.RELIABLE, Qos.Durability.VOLATILE);

  private static TestRos threads(int count) {
    return new TestRos(context -> new Executor(context, count));
  }

  /** Meets another thread of the callbacks, or throws when none comes. */
  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(TestRos.TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void callbacksOfAReentrantGroupOverlapAlsoThoseOfOneSubscription(boolean virtual)
      throws Exception {
    try (var ros =
        new TestRos(
            context ->
                virtual
                    ? new Executor(context, 2, Thread.ofVirtual().factory())
                    : new Executor(context, 2))) {
      CallbackGroup group = ros.node.createCallbackGroup(CallbackGroup.Kind.REENTRANT);
      var both = new CyclicBarrier(2);
      var met = new CountDownLatch(10);
      ros.node.createSubscription(
          BasicTypes.TYPE,
          "numbers",
          ALL,
          SubscriptionOptions.DEFAULT.withGroup(group),
          (m, _) -> {
            assertEquals(virtual, Thread.currentThread().isVirtual());
            meet(both);
            met.countDown();
          });
      Publisher<BasicTypes> publisher = ros.node.createPublisher(BasicTypes.TYPE, "numbers", ALL);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      for (int i = 0; i < 10; i++) {
        publisher.publish(new BasicTypes());
      }
      assertTrue(met.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void callbacksOfAMutuallyExclusiveGroupNeverOverlap() throws Exception {
    try (TestRos ros = threads(4)) {
      var inside = new AtomicInteger();
      var overlaps = new AtomicInteger();
      var left = new CountDownLatch(400);
      ConcurrentHashMap.KeySetView<Integer, Boolean> seen = ConcurrentHashMap.<Integer>newKeySet();
      for (String topic : new String[] {"a", "b"}) {
        ros.node.createSubscription(
            BasicTypes.TYPE,
            topic,
            ALL,
            m -> {
              overlaps.addAndGet(inside.getAndIncrement());
              Thread.onSpinWait();
              seen.add(m.int32Value());
              inside.decrementAndGet();
              left.countDown();
            });
      }
      Publisher<BasicTypes> a = ros.node.createPublisher(BasicTypes.TYPE, "a", ALL);
      Publisher<BasicTypes> b = ros.node.createPublisher(BasicTypes.TYPE, "b", ALL);
      ros.await("matched", () -> a.subscriptionCount() + b.subscriptionCount() == 2);
      for (int i = 0; i < 200; i++) {
        a.publish(new BasicTypes().withInt32Value(2 * i));
        b.publish(new BasicTypes().withInt32Value(2 * i + 1));
      }
      assertTrue(left.await(20, TimeUnit.SECONDS));
      assertEquals(0, overlaps.get());
      assertEquals(400, seen.size());
    }
  }

  @Test
  void aCallbackMayWaitForTheAnswerOfAServiceOfAnotherGroup() throws Exception {
    try (TestRos ros = threads(2)) {
      CallbackGroup other = ros.node.createCallbackGroup(CallbackGroup.Kind.MUTUALLY_EXCLUSIVE);
      ros.node.createService(
          SetBool.TYPE,
          "flip",
          other,
          (request, responder) ->
              responder.respond(new SetBool.Response(!request.data(), "flipped")));
      CallbackGroup third = ros.node.createCallbackGroup(CallbackGroup.Kind.MUTUALLY_EXCLUSIVE);
      Client<SetBool.Request, SetBool.Response> client =
          ros.node.createClient(SetBool.TYPE, "flip", third);
      assertTrue(client.waitForService(TestRos.TIMEOUT));
      var answers = new CountDownLatch(3);
      ros.node.createTimer(
          Duration.ofMillis(10),
          () -> {
            try {
              assertFalse(TestRos.get(client.call(new SetBool.Request(true))).success());
              answers.countDown();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      assertTrue(answers.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatACallbackOfAnotherThreadThrowsComesOutOfSpin() {
    try (Context context = Context.init();
        Node node = context.createNode("failing");
        var executor = new Executor(context, 2)) {
      executor.add(node);
      node.createTimer(
          Duration.ofMillis(1),
          () -> {
            throw new ArithmeticException("of a callback");
          });
      assertThrows(ArithmeticException.class, executor::spin);
    }
  }

  @Test
  void partsMayBeClosedByAnyThreadWhileTheirCallbacksRun() throws Exception {
    try (TestRos ros = threads(3)) {
      CallbackGroup group = ros.node.createCallbackGroup(CallbackGroup.Kind.REENTRANT);
      // It keeps the last: one that keeps all is refused by the middleware when a reader is slow.
      Publisher<BasicTypes> publisher =
          ros.node.createPublisher(BasicTypes.TYPE, "numbers", Qos.DEFAULT);
      var calls = new AtomicInteger();
      var publishing = new AtomicInteger(1);
      Thread source =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (publishing.get() == 1) {
                      publisher.publish(new BasicTypes());
                    }
                  });
      for (int i = 0; i < 50; i++) {
        int before = calls.get();
        Subscription<BasicTypes> subscription =
            ros.node.createSubscription(
                BasicTypes.TYPE,
                "numbers",
                Qos.DEFAULT,
                SubscriptionOptions.DEFAULT.withGroup(group),
                (m, _) -> calls.incrementAndGet());
        ros.await("called", () -> calls.get() > before);
        subscription.close();
        assertEquals(0, subscription.publisherCount());
      }
      publishing.set(0);
      source.join();
      publisher.close();
      assertThrows(RclException.class, () -> publisher.publish(new BasicTypes()));
      assertEquals(0, publisher.subscriptionCount());
    }
  }

  @Test
  void anExecutorNeedsAThreadForItsCallbacks() {
    try (Context context = Context.init()) {
      assertThrows(IllegalArgumentException.class, () -> new Executor(context, 0));
    }
  }
}
