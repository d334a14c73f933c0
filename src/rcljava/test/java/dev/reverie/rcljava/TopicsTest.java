package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.msgs.MessageType;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

@EnabledIfEnvironmentVariable(named = "REVERIE_PYTHON", matches = ".+")
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

  /** One type there and back. */
  private static final class Echo<T> {
    private final MessageType<T> type;
    private final Publisher<T> publisher;
    private volatile CompletableFuture<T> answer = new CompletableFuture<>();

    Echo(Node node, MessageType<T> type) {
      this.type = type;
      String name = type.name().replace('/', '_');
      publisher = node.createPublisher(type, "to_python/" + name, Qos.DEFAULT);
      var subscription =
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
      String[] words = name.split("/");
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
        String[] sample = peer.await("sample").split(" ");
        Objects.requireNonNull(echoes.get(sample[0])).check(HexFormat.of().parseHex(sample[1]));
      }
    }
  }

  private static String[] concat(String first, List<String> rest) {
    return java.util.stream.Stream.concat(java.util.stream.Stream.of(first), rest.stream())
        .toArray(String[]::new);
  }
}
