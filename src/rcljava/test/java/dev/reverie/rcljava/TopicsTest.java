package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.MessageType;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Prepared
class TopicsTest {
  private static final List<String> TYPES =
      List.of(
          "test_msgs/msg/Arrays",
          "test_msgs/msg/BasicTypes",
          "test_msgs/msg/BoundedPlainSequences",
          "test_msgs/msg/BoundedSequences",
          "test_msgs/msg/Builtins",
          "test_msgs/msg/Constants",
          "test_msgs/msg/Defaults",
          "test_msgs/msg/Empty",
          "test_msgs/msg/MultiNested",
          "test_msgs/msg/Nested",
          "test_msgs/msg/Strings",
          "test_msgs/msg/UnboundedSequences",
          "test_msgs/msg/WStrings",
          "sensor_msgs/msg/Image",
          "sensor_msgs/msg/JointState",
          "reverie/msg/ActionChunk");

  /** Sends one type there and back. */
  private static final class Echo<T> {
    private final MessageType<T> type;
    private final Publisher<T> publisher;
    private volatile CompletableFuture<T> answer = new CompletableFuture<>();

    Echo(Node node, MessageType<T> type) {
      this.type = type;
      String name = type.name().replace('/', '_');
      publisher = node.createPublisher(type, "to_python/" + name, Qos.DEFAULT);
      Subscription<T> subscription =
          node.createSubscription(type, "to_java/" + name, Qos.DEFAULT, m -> answer.complete(m));
      assertEquals(node.resolveTopic("to_java/" + name), subscription.topic());
    }

    void check(byte[] bytes) throws Exception {
      T sent = type.decode(bytes);
      answer = new CompletableFuture<>();
      publisher.publish(sent);
      assertEquals(sent, TestRos.get(answer));
    }

    static Echo<?> of(Node node, String name) {
      String[] words = name.split("/", -1);
      try {
        Class<?> record = Class.forName("dev.reverie.msgs." + words[0] + "." + words[2]);
        return new Echo<>(node, (MessageType<?>) record.getField("TYPE").get(null));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void everyKindOfFieldTravelsToRclpyAndBack() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, concat("echo", TYPES))) {
      Map<String, Echo<?>> echoes = new ConcurrentHashMap<>();
      TYPES.forEach(name -> echoes.put(name, Echo.of(ros.node, name)));
      ros.await(
          "matched",
          () -> echoes.values().stream().allMatch(e -> e.publisher.subscriptionCount() == 1));
      for (int i = 0; i < 3 * TYPES.size(); i++) {
        String[] sample = peer.await("sample").split(" ", -1);
        Objects.requireNonNull(echoes.get(sample[0])).check(HexFormat.of().parseHex(sample[1]));
      }
    }
  }

  @Test
  void aMessageTellsWhenAndByWhomItWasPublished() throws Exception {
    try (var ros = new TestRos()) {
      var first = new CompletableFuture<MessageInfo>();
      var second = new CompletableFuture<MessageInfo>();
      ros.node.createSubscription(
          Empty.TYPE,
          "empty",
          Qos.DEFAULT,
          SubscriptionOptions.DEFAULT,
          (Empty m, MessageInfo info) -> {
            if (!first.complete(info)) {
              second.complete(info);
            }
          });
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "empty", Qos.DEFAULT);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      long before = Clock.SYSTEM.nowNanos();
      publisher.publish(new Empty());
      publisher.publish(new Empty());
      MessageInfo info = TestRos.get(first);
      assertTrue(info.sourceStampNanos() >= before, info + " before " + before);
      assertTrue(info.receivedStampNanos() >= info.sourceStampNanos(), info.toString());
      assertEquals(info.publisherGid(), TestRos.get(second).publisherGid());
      assertEquals(
          ros.node.graph().publishers("empty").getFirst().gid(), info.publisherGid().hex());
    }
  }

  @Test
  void serializedBytesAreTheCallbacksWhileItRuns() throws Exception {
    try (var ros = new TestRos()) {
      var received = new CompletableFuture<byte[]>();
      var kept = new CompletableFuture<MemorySegment>();
      ros.node.createSerializedSubscription(
          "sensor_msgs/msg/Image",
          "image",
          Qos.reliable(1),
          SubscriptionOptions.DEFAULT,
          (cdr, info) -> {
            received.complete(cdr.toArray(ValueLayout.JAVA_BYTE));
            kept.complete(cdr);
          });
      Image image =
          new Image().withHeight(480).withWidth(640).withStep(1920).withData(new byte[480 * 1920]);
      Arrays.fill(image.data(), (byte) 7);
      Publisher<Image> publisher = ros.node.createPublisher(Image.TYPE, "image", Qos.reliable(1));
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      publisher.publishSerialized(MemorySegment.ofArray(Image.TYPE.encode(image)));
      assertEquals(image, Image.TYPE.decode(TestRos.get(received)));
      MemorySegment bytes = TestRos.get(kept);
      ros.await("closed", () -> !bytes.scope().isAlive());
    }
  }

  @Test
  void aLateSubscriptionGetsTransientMessagesOfRemappedTopics() throws Exception {
    try (var ros = new TestRos("-r", "robot_description:=/cell/urdf")) {
      var type = dev.reverie.msgs.std_msgs.String.TYPE;
      var publisher = ros.node.createPublisher(type, "robot_description", Qos.transientLocal(1));
      assertEquals("/cell/urdf", publisher.topic());
      publisher.publish(new dev.reverie.msgs.std_msgs.String("<robot/>"));
      var received = new CompletableFuture<String>();
      ros.node.createSubscription(
          type, "/cell/urdf", Qos.transientLocal(1), m -> received.complete(m.data()));
      assertEquals("<robot/>", TestRos.get(received));
    }
  }

  @Test
  void aTypeThatIsNotInstalledIsNamed() {
    try (var ros = new TestRos()) {
      RclException e =
          assertThrows(
              RclException.class,
              () ->
                  ros.node.createSerializedSubscription(
                      "absent_msgs/msg/Thing",
                      "thing",
                      Qos.DEFAULT,
                      SubscriptionOptions.DEFAULT,
                      (cdr, info) -> {}));
      assertTrue(
          e.toString().contains("type absent_msgs/msg/Thing needs the ROS 2 package absent_msgs"),
          e.getMessage());
      e =
          assertThrows(
              RclException.class,
              () ->
                  ros.node.createSerializedSubscription(
                      "std_msgs/msg/Thing",
                      "thing",
                      Qos.DEFAULT,
                      SubscriptionOptions.DEFAULT,
                      (cdr, info) -> {}));
      assertTrue(e.toString().contains("std_msgs has no type std_msgs/msg/Thing"));
    }
  }

  @Test
  void aNameThatIsNoTopicIsRefused() {
    try (var ros = new TestRos()) {
      assertThrows(
          RclException.class,
          () -> ros.node.createPublisher(Empty.TYPE, "not a topic", Qos.DEFAULT));
      assertThrows(RclException.class, () -> ros.context.createNode("not a node"));
    }
  }

  private static String[] concat(String first, List<String> rest) {
    return Stream.concat(Stream.of(first), rest.stream()).toArray(String[]::new);
  }
}
