package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

@Prepared
class QosEventsTest {
  @Test
  void matchesAndIncompatibleEndpointsAreTold() {
    try (var ros = new TestRos()) {
      Queue<QosEvent> events = new ConcurrentLinkedQueue<>();
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "topic", Qos.bestEffort(1));
      publisher.onEvent(QosEvent.Matched.class, events::add);
      Subscription<Empty> fitting =
          ros.node.createSubscription(Empty.TYPE, "topic", Qos.bestEffort(1), m -> {});
      ros.await("matched", () -> events.contains(new QosEvent.Matched(1, 1, 1, 1)));
      fitting.close();
      ros.await("parted", () -> events.contains(new QosEvent.Matched(1, 0, 0, -1)));

      publisher.onEvent(QosEvent.IncompatibleQos.class, events::add);
      Subscription<Empty> wanting =
          ros.node.createSubscription(Empty.TYPE, "topic", Qos.reliable(1), m -> {});
      wanting.onEvent(QosEvent.IncompatibleQos.class, events::add);
      var incompatible = new QosEvent.IncompatibleQos(1, 1, "reliability");
      ros.await(
          "both told", () -> events.stream().filter(e -> e.equals(incompatible)).count() == 2);
    }
  }

  @Test
  void missedDeadlinesAndLostLivesAreTold() {
    try (var ros = new TestRos()) {
      Queue<QosEvent> events = new ConcurrentLinkedQueue<>();
      Qos qos =
          Qos.reliable(1)
              .withDeadline(Duration.ofMillis(50))
              .withLiveliness(Qos.Liveliness.MANUAL_BY_TOPIC, Duration.ofMillis(100));
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "topic", qos);
      Subscription<Empty> subscription =
          ros.node.createSubscription(Empty.TYPE, "topic", qos, m -> {});
      subscription.onEvent(QosEvent.DeadlineMissed.class, events::add);
      subscription.onEvent(QosEvent.LivelinessChanged.class, events::add);
      publisher.onEvent(QosEvent.LivelinessLost.class, events::add);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      publisher.assertLiveliness();
      publisher.publish(new Empty());
      ros.await("deadline", () -> has(events, QosEvent.DeadlineMissed.class));
      ros.await("lost", () -> has(events, QosEvent.LivelinessLost.class));
      ros.await(
          "not alive",
          () ->
              events.stream()
                  .anyMatch(
                      e -> e instanceof QosEvent.LivelinessChanged life && life.notAlive() == 1));
    }
  }

  private static boolean has(Queue<QosEvent> events, Class<?> kind) {
    return events.stream().anyMatch(kind::isInstance);
  }

  @Test
  void anEventThatAnEndpointDoesNotHaveIsRefused() {
    try (var ros = new TestRos()) {
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "topic", Qos.DEFAULT);
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> publisher.onEvent(QosEvent.MessageLost.class, event -> {}));
      assertTrue(e.toString().contains("MessageLost"), e.toString());
      publisher.close();
      assertThrows(
          RclException.class, () -> publisher.onEvent(QosEvent.Matched.class, event -> {}));
    }
  }

  @Test
  void aPublisherKnowsWhenAllIsAcknowledged() {
    try (var ros = new TestRos()) {
      var got = new ConcurrentLinkedQueue<Empty>();
      Publisher<Empty> publisher = ros.node.createPublisher(Empty.TYPE, "topic", Qos.DEFAULT);
      ros.node.createSubscription(Empty.TYPE, "topic", Qos.DEFAULT, got::add);
      ros.await("matched", () -> publisher.subscriptionCount() == 1);
      publisher.publish(new Empty());
      assertTrue(publisher.awaitAcknowledged(TestRos.TIMEOUT));
      ros.await("received", () -> List.copyOf(got).equals(List.of(new Empty())));
      assertEquals(Qos.Reliability.RELIABLE, publisher.qos().reliability());
    }
  }
}
