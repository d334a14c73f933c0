package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class QosOverridesTest {
  private static final QosOverrides ALL = QosOverrides.of(QosPolicy.values());

  @Test
  void aParameterFileChangesTheQosOfATopic(@TempDir Path folder) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("qos.yaml"),
            """
            /robot:
              ros__parameters:
                qos_overrides:
                  /image:
                    publisher:
                      history: keep_last
                      depth: 3
                      reliability: best_effort
                      durability: transient_local
                      deadline: 500000000
                      lifespan: 2000000000
                      liveliness: manual_by_topic
                      liveliness_lease_duration: 1000000000
                    subscription:
                      reliability: best_effort
                    subscription_slow:
                      depth: 99
            """);
    try (Context context =
            Context.init("--ros-args", "-r", "in:=image", "--params-file", file.toString());
        Node node = context.createNode("robot")) {
      Qos qos = node.createPublisher(Empty.TYPE, "in", Qos.DEFAULT, ALL).qos();
      assertEquals(
          new Qos(
              Qos.History.KEEP_LAST,
              3,
              Qos.Reliability.BEST_EFFORT,
              Qos.Durability.TRANSIENT_LOCAL,
              Duration.ofMillis(500),
              Duration.ofSeconds(2),
              Qos.Liveliness.MANUAL_BY_TOPIC,
              Duration.ofSeconds(1)),
          qos);
      Qos subscribed =
          node.createSubscription(
                  Empty.TYPE,
                  "image",
                  Qos.DEFAULT,
                  SubscriptionOptions.DEFAULT.withQosOverrides(QosOverrides.DEFAULT),
                  (m, _) -> {})
              .qos();
      assertEquals(Qos.Reliability.BEST_EFFORT, subscribed.reliability());
      assertEquals(10, subscribed.depth());
      assertEquals(99, ALL.withId("slow").ofSubscription(node, "image", Qos.DEFAULT).depth());
      // The parameters of an endpoint that is made once more are declared already.
      assertEquals(3, ALL.ofPublisher(node, "image", Qos.DEFAULT).depth());
      Parameters parameters = node.parameters();
      String name = "qos_overrides./image.publisher.depth";
      assertEquals(3, parameters.get(name).asLong());
      assertTrue(parameters.describe(name).readOnly());
      assertEquals("depth of the publisher of /image", parameters.describe(name).description());
      assertEquals(false, parameters.has("qos_overrides./image.subscription_slow.lifespan"));
      assertEquals(List.of(), parameters.undeclared());
    }
  }

  @Test
  void rclpyDeclaresTheSameParameters() throws Exception {
    try (var ros = new TestRos();
        var peer = new Peer(ros.namespace, "qos_overrides")) {
      QosOverrides mine = ALL.withId("me");
      ros.node.createPublisher(Empty.TYPE, "image", Qos.reliable(7), mine);
      ros.node.createSubscription(
          Empty.TYPE,
          "image",
          Qos.reliable(7),
          SubscriptionOptions.DEFAULT.withQosOverrides(mine),
          (m, _) -> {});
      List<String> declared =
          ros.node.parameters().all().stream()
              .filter(p -> p.name().startsWith("qos_overrides."))
              .sorted(Comparator.comparing(Parameter::name))
              .map(
                  p ->
                      "%s %s True"
                          .formatted(p.name().substring("qos_overrides.".length()), p.value()))
              .toList();
      assertEquals(15, declared.size());
      for (String line : declared) {
        assertEquals(line, peer.await("override"));
      }
      peer.await("overrides_end");
    }
  }

  @Test
  void aValueThatMeansNothingIsRefusedWithTheRemedy() {
    refused(
        "reliability:=sometimes",
        "is 'sometimes'; give one of [system_default, reliable, best_effort, best_available]");
    refused("depth:=0", "is 0; QoS depth 0: keep at least the last 1");
    refused("depth:=many", "can not be 'many' (a string); give an integer");
    refused("deadline:=-5", "is -5; QoS deadline PT-0.000000005S is negative");
  }

  private static void refused(String value, String words) {
    String name = "qos_overrides./image.publisher." + value;
    try (Context context = Context.init("--ros-args", "-p", name);
        Node node = context.createNode("robot")) {
      RclException e =
          assertThrows(
              RclException.class,
              () -> node.createPublisher(Empty.TYPE, "image", Qos.DEFAULT, ALL));
      assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
      assertTrue(String.valueOf(e.getMessage()).contains("qos_overrides./image.publisher."));
    }
  }

  @Test
  void aValidationMayRefuse() {
    QosOverrides reliable =
        QosOverrides.DEFAULT.validatedBy(
            qos ->
                qos.reliability() == Qos.Reliability.RELIABLE
                    ? Optional.empty()
                    : Optional.of("commands must arrive"));
    String name = "qos_overrides./command.publisher.reliability:=best_effort";
    try (Context context = Context.init("--ros-args", "-p", name);
        Node node = context.createNode("robot")) {
      RclException e =
          assertThrows(
              RclException.class,
              () -> node.createPublisher(Empty.TYPE, "command", Qos.DEFAULT, reliable));
      assertTrue(String.valueOf(e.getMessage()).contains("commands must arrive"), e.getMessage());
      node.createPublisher(Empty.TYPE, "other", Qos.DEFAULT, reliable);
    }
  }
}
