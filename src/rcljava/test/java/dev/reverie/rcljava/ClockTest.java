package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Prepared
class ClockTest {
  @Test
  void jumpsBeyondTheirThresholdAreToldBeforeAndAfter() throws Exception {
    Clock clock = Clock.ros();
    List<String> told = new ArrayList<>();
    var listener =
        new Jump.Listener() {
          @Override
          public void before() {
            told.add("before at " + clock.nowNanos());
          }

          @Override
          public void after(Jump jump) {
            told.add(jump.kind() + " " + jump.deltaNanos() + " at " + clock.nowNanos());
          }
        };
    clock.simulate(true);
    Registration listening = clock.onJump(new Jump.Threshold(false, 100, 10), listener);
    clock.setSimulated(99);
    clock.setSimulated(199);
    clock.setSimulated(190);
    clock.setSimulated(180);
    listening.close();
    clock.setSimulated(1000);
    assertEquals(
        List.of("before at 99", "TIME 100 at 199", "before at 190", "TIME -10 at 180"), told);
    assertThrows(IllegalArgumentException.class, () -> new Jump.Threshold(false, -1, 0));
  }

  @Test
  void theBeginningAndEndOfSimulatedTimeAreJumps() {
    Clock clock = Clock.ros();
    List<Jump.Kind> kinds = new ArrayList<>();
    clock.onJump(new Jump.Threshold(true, 0, 0), jump -> kinds.add(jump.kind()));
    clock.simulate(true);
    assertTrue(clock.isSimulated());
    assertEquals(0, clock.nowNanos());
    clock.setSimulated(5);
    clock.simulate(false);
    clock.simulate(false);
    assertFalse(clock.isSimulated());
    assertEquals(List.of(Jump.Kind.SIMULATION_BEGAN, Jump.Kind.SIMULATION_ENDED), kinds);
  }

  @Test
  void timersRunOnEachClock() throws Exception {
    try (var ros = new TestRos()) {
      var ticks = new CountDownLatch(9);
      for (Clock clock : List.of(Clock.SYSTEM, Clock.STEADY, ros.node.clock())) {
        var own = new AtomicInteger();
        ros.node.createTimer(
            clock,
            Duration.ofMillis(5),
            ros.node.group(),
            () -> {
              if (own.incrementAndGet() <= 3) {
                ticks.countDown();
              }
            });
      }
      assertTrue(ticks.await(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aCanceledTimerRestsUntilItIsReset() throws Exception {
    try (var ros = new TestRos()) {
      var ticks = new AtomicInteger();
      Timer timer = ros.node.createTimer(Duration.ofMillis(2), ticks::incrementAndGet);
      ros.await("a tick", () -> ticks.get() > 0);
      timer.cancel();
      assertTrue(timer.isCanceled());
      ros.executor.execute(() -> {});
      int resting = ticks.get();
      Thread.sleep(20);
      assertTrue(ticks.get() <= resting + 1, "it ticked on"); // one may have begun
      int before = ticks.get();
      timer.reset();
      ros.await("a tick after the reset", () -> ticks.get() > before);
    }
  }

  @Test
  void aPeriodMustBePositive() {
    try (var ros = new TestRos()) {
      assertThrows(
          IllegalArgumentException.class, () -> ros.node.createTimer(Duration.ZERO, () -> {}));
    }
  }
}
