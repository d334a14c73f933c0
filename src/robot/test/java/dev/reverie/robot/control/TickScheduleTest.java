package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.robot.motion.Watchdog;
import org.junit.jupiter.api.Test;

class TickScheduleTest {
  private static final long MS = 1_000_000;

  private final TickSchedule schedule = new TickSchedule(100 * MS);

  /** Ticks per 10 s for a camera with this spacing. */
  private long ticksOfTenSeconds(double spacingMs) {
    schedule.begin(0);
    long ticks = 0;
    for (double ms = 0; ms < 10_000; ms += spacingMs) {
      long now = (long) (ms * MS);
      if (schedule.takes(now)) {
        schedule.ticked(now, now);
        ticks++;
      }
    }
    return ticks;
  }

  @Test
  void aCameraOfTheControlRateSetsEachTick() {
    assertEquals(100, ticksOfTenSeconds(100));
    assertEquals(0, schedule.lateTicks());
  }

  @Test
  void aCameraThatDriftsKeepsItsTicks() {
    assertEquals(101, ticksOfTenSeconds(99), 1);
    assertEquals(0, schedule.lateTicks());
  }

  @Test
  void aFasterCameraIsThinnedOutToTheControlRate() {
    assertEquals(100, ticksOfTenSeconds(33.333), 1);
  }

  @Test
  void aCameraThatFitsIntoNoPeriodLeavesTheRate() {
    assertEquals(100, ticksOfTenSeconds(40), 1);
  }

  @Test
  void aTickThatCannotWaitGoesWithoutAnObservation() {
    schedule.begin(0);
    schedule.ticked(0, 0);
    assertFalse(schedule.takes(49 * MS));
    assertTrue(schedule.takes(130 * MS));
    assertFalse(schedule.overdue(149 * MS));
    assertTrue(schedule.overdue(150 * MS));
    schedule.passed(150 * MS);
    assertEquals(1, schedule.lateTicks());
    assertTrue(schedule.due(200 * MS));
  }

  @Test
  void aSlowTickWaitsNoLongerThanTheWatchdog() {
    for (long period : new long[] {20, 50, 100, 200, 500, 1000}) {
      var slow = new TickSchedule(period * MS);
      slow.begin(0);
      slow.ticked(0, 0);
      long silence = Watchdog.silenceNanos(period * MS);
      assertTrue(slow.overdue(silence), period + " ms");
      assertTrue(silence >= 100 * MS && silence <= (period + 100) * MS, silence + " ns");
    }
  }

  @Test
  void afterAPauseNoTicksAreMadeUpFor() {
    schedule.begin(0);
    schedule.ticked(0, 0);
    schedule.ticked(5000 * MS, 5000 * MS);
    assertFalse(schedule.takes(5040 * MS));
    assertTrue(schedule.due(5100 * MS));
  }
}
