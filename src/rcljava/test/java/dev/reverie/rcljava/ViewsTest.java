package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.geometry_msgs.Vector3;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

@Prepared
class ViewsTest {
  @Test
  void whatIsChangedInPlaceTravelsToRclpyAndIsSeenInPlaceWhenItComesBack() throws Exception {
    try (var ros = new TestRos();
        var peer =
            new Peer(
                ros.namespace, "echo", "geometry_msgs/msg/Twist", "sensor_msgs/msg/JointState")) {
      var twist = new CompletableFuture<Twist>();
      var joints = new CompletableFuture<JointState>();
      ros.node.createViewSubscription(
          Twist.VIEW,
          "to_java/geometry_msgs_msg_Twist",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (view, origin) -> twist.complete(Twist.TYPE.decode(view)));
      ros.node.createViewSubscription(
          JointState.VIEW,
          "to_java/sensor_msgs_msg_JointState",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (view, origin) -> joints.complete(JointState.TYPE.decode(view)));
      ViewPublisher<Twist.View> twists =
          ros.node.createViewPublisher(
              Twist.VIEW, "to_python/geometry_msgs_msg_Twist", Qos.DEFAULT, new Twist());
      JointState first =
          new JointState()
              .withHeader(new Header(new Time(1, 2), "base"))
              .withName(List.of("shoulder", "elbow"))
              .withPosition(new double[2]);
      ViewPublisher<JointState.View> states =
          ros.node.createViewPublisher(
              JointState.VIEW, "to_python/sensor_msgs_msg_JointState", Qos.DEFAULT, first);
      peer.await("samples_end");
      ros.await(
          "matched",
          () ->
              twists.publisher().subscriptionCount() == 1
                  && states.publisher().subscriptionCount() == 1);

      twists.borrow().linear().setX(0.25);
      twists.borrow().angular().setZ(-1);
      twists.publish();
      assertEquals(new Twist(new Vector3(0.25, 0, 0), new Vector3(0, 0, -1)), TestRos.get(twist));

      JointState.View state = states.borrow();
      state.header().stamp().setSec(5);
      state.position().set(new double[] {0.5, 0.75});
      states.publish();
      assertEquals(
          first
              .withHeader(new Header(new Time(5, 2), "base"))
              .withPosition(new double[] {0.5, 0.75}),
          TestRos.get(joints));
    }
  }

  /** Holds what a callback can keep. */
  private record Kept(Image.View view, MemorySegment pixels, Origin origin, MessageInfo info) {}

  @Test
  void aViewItsSlicesAndItsOriginAreOverWhenTheCallbackReturns() throws Exception {
    try (var ros = new TestRos()) {
      var kept = new CompletableFuture<Kept>();
      ros.node.createViewSubscription(
          Image.VIEW,
          "image",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (view, origin) -> {
            MessageInfo info = origin.toMessageInfo();
            assertTrue(origin.isFrom(info.publisherGid()));
            assertFalse(origin.isFrom(new MessageInfo.Gid(1, 2)));
            assertEquals(info.sourceStampNanos(), origin.sourceStampNanos());
            assertEquals(info.receivedStampNanos(), origin.receivedStampNanos());
            MemorySegment pixels = view.data().bytes();
            assertEquals(4, pixels.get(ValueLayout.JAVA_BYTE, 3));
            kept.complete(new Kept(view, pixels, origin, info));
          });
      Publisher<Image> publisher = ros.node.createPublisher(Image.TYPE, "image", Qos.DEFAULT);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      long before = Clock.SYSTEM.nowNanos();
      publisher.publish(new Image().withData(new byte[] {1, 2, 3, 4}));
      Kept it = TestRos.get(kept);
      ros.await("callback over", () -> !it.pixels.scope().isAlive());
      assertTrue(it.info.sourceStampNanos() >= before);
      assertThrows(IllegalStateException.class, () -> it.view.width());
      assertThrows(IllegalStateException.class, () -> it.view.data().get(0));
      assertThrows(RuntimeException.class, () -> it.pixels.get(ValueLayout.JAVA_BYTE, 0));
      assertThrows(IllegalStateException.class, it.origin::sourceStampNanos);
    }
  }

  @Test
  void aViewStaysValidWhenItsCallbackClosesTheSubscription() throws Exception {
    try (var ros = new TestRos()) {
      byte[] pixels = new byte[100_000];
      Arrays.fill(pixels, (byte) 7);
      var seen = new CompletableFuture<byte[]>();
      var self = new CompletableFuture<Subscription<Image.View>>();
      self.complete(
          ros.node.createViewSubscription(
              Image.VIEW,
              "image",
              Qos.DEFAULT,
              SubscriptionOptions.DEFAULT,
              (view, origin) -> {
                self.join().close();
                byte[] copy = new byte[view.data().length()];
                view.data().copyTo(copy);
                seen.complete(copy);
              }));
      Publisher<Image> publisher = ros.node.createPublisher(Image.TYPE, "image", Qos.DEFAULT);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      publisher.publish(new Image().withData(pixels));
      assertArrayEquals(pixels, TestRos.get(seen));
      ros.await("closed", () -> publisher.subscriptionCount() == 0);
    }
  }

  @Test
  void bytesThatAreNoSuchMessageAreReportedAndTheNextOneIsSeen() throws Exception {
    try (var ros = new TestRos()) {
      var seen = new CompletableFuture<Double>();
      ros.node.createViewSubscription(
          Twist.VIEW,
          "twist",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (view, origin) -> seen.complete(view.linear().x()));
      Publisher<Twist> publisher = ros.node.createPublisher(Twist.TYPE, "twist", Qos.DEFAULT);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      byte[] cdr = Twist.TYPE.encode(new Twist().withLinear(new Vector3(3, 0, 0)));
      publisher.publishSerialized(MemorySegment.ofArray(Arrays.copyOf(cdr, 20)));
      publisher.publishSerialized(MemorySegment.ofArray(cdr));
      assertEquals(3, TestRos.get(seen));
    }
  }

  @Test
  void aMessageIsBorrowedByOneThreadAndPublishedByIt() {
    try (var ros = new TestRos()) {
      ViewPublisher<Twist.View> twists =
          ros.node.createViewPublisher(Twist.VIEW, "twist", Qos.DEFAULT, new Twist());
      assertThrows(IllegalStateException.class, twists::publish);
      Twist.View twist = twists.borrow();
      for (Runnable others : List.<Runnable>of(twists::borrow, twists::publish)) {
        CompletionException e =
            assertThrows(
                CompletionException.class, () -> CompletableFuture.runAsync(others).join());
        assertTrue(e.getCause() instanceof IllegalStateException, e.toString());
      }
      twists.publish();
      assertThrows(IllegalStateException.class, () -> twist.linear().setX(1));
      CompletableFuture.runAsync(
              () -> {
                twists.borrow().linear().setX(2);
                twists.publish();
              })
          .join();
      assertEquals(2, twists.borrow().linear().x());
      twists.close();
      assertThrows(RclException.class, twists::publish);
    }
  }

  @Test
  void messagesAreTakenWhenAskedForWithoutAnExecutor() {
    try (var context = Context.init(new String[0])) {
      Node node = context.createNode("polls");
      String topic = "polled_" + ProcessHandle.current().pid();
      PolledSubscription<Twist> records = node.createSubscription(Twist.TYPE, topic, Qos.DEFAULT);
      PolledSubscription<MemorySegment> cdr =
          node.createSerializedSubscription("geometry_msgs/msg/Twist", topic, Qos.DEFAULT);
      PolledViewSubscription<Twist.View> views =
          node.createViewSubscription(Twist.VIEW, topic, Qos.DEFAULT);
      assertEquals(Optional.empty(), records.take());
      assertFalse(views.take((view, origin) -> {}));
      Publisher<Twist> publisher = node.createPublisher(Twist.TYPE, topic, Qos.DEFAULT);
      assertTrue(
          PollUntil.await(context, TestRos.TIMEOUT, () -> publisher.subscriptionCount() == 3));

      Twist one = new Twist().withLinear(new Vector3(1, 0, 0));
      Twist two = new Twist().withLinear(new Vector3(2, 0, 0));
      publisher.publish(one);
      publisher.publishSerialized(MemorySegment.ofArray(new byte[] {0, 1, 0, 0})); // none
      publisher.publish(two);
      assertTrue(publisher.awaitAcknowledged(TestRos.TIMEOUT));

      PolledSubscription.Received<Twist> received = records.takeWithInfo().orElseThrow();
      assertEquals(one, received.message());
      assertTrue(received.info().sourceStampNanos() > 0);
      assertEquals(Optional.of(two), records.take());
      assertEquals(Optional.empty(), records.take());
      assertEquals(one, Twist.TYPE.decode(cdr.take().orElseThrow()));
      var seen = new ArrayList<Double>();
      while (views.take((view, origin) -> seen.add(view.linear().x()))) {}
      assertEquals(List.of(1.0, 2.0), seen);

      publisher.publish(one);
      assertTrue(publisher.awaitAcknowledged(TestRos.TIMEOUT));
      assertThrows(
          IllegalStateException.class,
          () -> views.take((view, origin) -> views.take((inner, its) -> {})));
      records.close();
      RclException e = assertThrows(RclException.class, records::take);
      assertTrue(e.toString().contains("is closed"), e.toString());
    }
  }
}
