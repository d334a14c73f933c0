package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.rosgraph_msgs.Clock;
import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Prepared
class SimulatedTimeTest {
  @Test
  void theTopicClockMovesClockAndTimersForthAndBack() {
    try (var ros = new TestRos("-p", "use_sim_time:=true", "-r", "/clock:=clock")) {
      Node node = ros.node;
      assertTrue(node.clock().isSimulated());
      assertEquals(0, node.clock().nowNanos());
      var ticks = new AtomicInteger();
      node.createTimer(Duration.ofSeconds(10), ticks::incrementAndGet);
      Publisher<Clock> clock = node.createPublisher(Clock.TYPE, "/clock", Qos.DEFAULT);
      assertEquals(ros.namespace + "/clock", clock.topic());
      ros.await("matched", () -> clock.subscriptionCount() == 1);

      setTo(ros, clock, 100); // the timer's first period begins
      setTo(ros, clock, 109);
      assertEquals(0, ticks.get());
      setTo(ros, clock, 110);
      ros.await("first tick", () -> ticks.get() == 1);
      setTo(ros, clock, 155); // misses three periods
      ros.await("second tick", () -> ticks.get() == 2);
      setTo(ros, clock, 5); // begins anew
      setTo(ros, clock, 16);
      ros.await("tick after the jump back", () -> ticks.get() == 3);
    }
  }

  private static void setTo(TestRos ros, Publisher<Clock> clock, int seconds) {
    long nanos = seconds * 1_000_000_000L + 7;
    clock.publish(new Clock(Stamps.time(nanos)));
    ros.await("time " + seconds, () -> ros.node.clock().nowNanos() == nanos);
    // Two turns later the timers have been looked at.
    var turns = new AtomicInteger();
    ros.executor.execute(() -> ros.executor.execute(turns::incrementAndGet));
    ros.await("a turn", () -> turns.get() == 1);
  }

  @Test
  void withoutSimulationTheClockIsTheSystems() {
    try (var ros = new TestRos()) {
      long difference = ros.node.clock().nowNanos() - System.currentTimeMillis() * 1_000_000;
      assertTrue(Math.abs(difference) < 1_000_000_000L, "off by " + difference + " ns");
    }
  }
}
