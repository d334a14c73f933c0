package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.std_srvs.SetBool;
import dev.reverie.msgs.test_msgs.BasicTypes;
import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Prepared
class GraphTest {
  @Test
  void aNodeSeesThePartsOfOneOfRclpy() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "graph")) {
      String namespace = ros.namespace;
      Graph graph = ros.node.graph();
      assertTrue(peer.await("type_hash").startsWith("RIHS01_"));
      var python = new Graph.NodeName("python", namespace, "/");
      ros.await(
          "discovery",
          () ->
              graph.nodes().contains(python)
                  && graph.countPublishers("numbers") == 1
                  && graph.countSubscriptions("empties") == 1
                  && graph.services().containsKey(namespace + "/flip"));
      assertTrue(graph.nodes().contains(new Graph.NodeName("java", namespace, "/")));
      assertEquals(List.of("test_msgs/msg/BasicTypes"), graph.topics().get(namespace + "/numbers"));
      assertEquals(List.of("std_srvs/srv/SetBool"), graph.services().get(namespace + "/flip"));
      assertEquals(
          List.of("test_msgs/msg/BasicTypes"),
          graph.publishersOf(python).get(namespace + "/numbers"));
      assertEquals(
          List.of("test_msgs/msg/Empty"),
          graph.subscriptionsOf(python).get(namespace + "/empties"));
      assertEquals(
          List.of("std_srvs/srv/SetBool"), graph.servicesOf(python).get(namespace + "/flip"));
      assertEquals(
          List.of("std_srvs/srv/SetBool"), graph.clientsOf(python).get(namespace + "/flop"));

      EndpointInfo info = graph.publishers("numbers").getFirst();
      assertEquals("python", info.node());
      assertEquals(namespace, info.namespace());
      assertEquals(namespace + "/python", info.fullName());
      var early =
          new EndpointInfo(
              "_NODE_NAME_UNKNOWN_",
              "_NODE_NAMESPACE_UNKNOWN_",
              info.type(),
              info.typeHash(),
              info.gid(),
              info.qos());
      assertEquals("a node that is not discovered yet", early.fullName());
      assertEquals("test_msgs/msg/BasicTypes", info.type());
      assertEquals(32, info.gid().length());
      assertEquals(Qos.Reliability.BEST_EFFORT, info.qos().reliability());
      assertEquals(Qos.Durability.TRANSIENT_LOCAL, info.qos().durability());
      assertEquals(Duration.ofMillis(1500), info.qos().deadline());
      assertEquals(Qos.UNSPECIFIED, info.qos().lifespan());
      assertEquals("python", graph.subscriptions("empties").getFirst().node());
      assertEquals(List.of(), graph.publishers("nobody"));

      var nobody = new Graph.NodeName("nobody", "/", "/");
      RclException e = assertThrows(RclException.class, () -> graph.publishersOf(nobody));
      assertTrue(e.toString().contains("/nobody"), e.toString());
    }
  }

  @Test
  void rclpySeesThePartsOfOneOfJava() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "inspect", "java")) {
      Qos qos =
          Qos.bestEffort(3)
              .withDurability(Qos.Durability.TRANSIENT_LOCAL)
              .withDeadline(Duration.ofMillis(250))
              .withLifespan(Duration.ofSeconds(2))
              .withLiveliness(Qos.Liveliness.MANUAL_BY_TOPIC, Duration.ofSeconds(3));
      Publisher<BasicTypes> publisher = ros.node.createPublisher(BasicTypes.TYPE, "numbers", qos);
      assertEquals(qos, publisher.qos());
      ros.node.createService(SetBool.TYPE, "flip", q -> new SetBool.Response(q.data(), ""));
      ros.node.createClient(SetBool.TYPE, "flop");
      ros.node.createSubscription(Empty.TYPE, "empties", Qos.SENSOR_DATA, m -> {});
      assertEquals("BEST_EFFORT TRANSIENT_LOCAL 0.25 2.0 MANUAL_BY_TOPIC 3.0", peer.await("qos"));
      assertEquals("True", peer.await("service"));
      assertEquals("True", peer.await("client"));
      assertEquals("True test_msgs/msg/BasicTypes 13", peer.await("description"));
      assertEquals("False", peer.await("unknown_description"));
      peer.awaitEnd();
    }
  }

  @Test
  void aChangeOfTheGraphIsToldUntilNobodyWantsToKnow() throws Exception {
    try (var ros = new TestRos()) {
      var changes = new AtomicInteger();
      Registration listening = ros.node.graph().onChange(changes::incrementAndGet);
      int before = changes.get();
      ros.node.createPublisher(Empty.TYPE, "new", Qos.DEFAULT);
      ros.await("a change", () -> changes.get() > before);
      listening.close();
      int after = changes.get();
      ros.node.createPublisher(Empty.TYPE, "newer", Qos.DEFAULT);
      ros.await("discovery", () -> ros.node.graph().countPublishers("newer") == 1);
      assertEquals(after, changes.get());
    }
  }

  @Test
  void aClosedNodeHasNoGraph() {
    try (var ros = new TestRos()) {
      Node node = ros.context.createNode("short_lived");
      node.close();
      assertThrows(RclException.class, () -> node.graph().nodes());
      assertThrows(RclException.class, () -> node.createPublisher(Empty.TYPE, "new", Qos.DEFAULT));
    }
  }
}
