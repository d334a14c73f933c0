package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClockJumpsTest {
  private static final long MS = 1_000_000;

  private final ClockJumps clock = new ClockJumps(false);

  private Optional<HoldReason> look(long stampMs, long arrivalMs) {
    return clock.look(
        new JointSample(
            stampMs * MS, new double[3], Optional.empty(), new byte[0], arrivalMs * MS));
  }

  @Test
  void aBagThatLoopsFallsBack() {
    assertTrue(look(60_000, 0).isEmpty());
    HoldReason jump = look(1_000, 10).orElseThrow();
    assertEquals(Kind.CLOCK_JUMPED, jump.kind());
    assertTrue(jump.text().contains("fell back by 59.000 s"), jump.text());
    assertTrue(look(1_010, 20).isEmpty(), "one jump, one episode");
  }

  @Test
  void aClockThatIsSetAheadLeaps() {
    look(1_000, 0);
    HoldReason jump = look(5_000, 10).orElseThrow();
    assertTrue(jump.text().contains("leapt ahead by 4.000 s"), jump.text());
  }

  @Test
  void messagesThatOvertakeEachOtherAndPausesAreNoJumps() {
    look(1_000, 0);
    assertTrue(look(700, 10).isEmpty(), "0.3 s late");
    assertTrue(look(31_000, 30_000).isEmpty(), "a driver that was silent for 30 s");
    assertTrue(look(31_000, 90_000).isEmpty(), "a simulation that stood still for a minute");
  }

  @Test
  void aSimulationMayBeFasterThanTheTimeOrSlower() {
    for (int i = 1; i < 200; i++) {
      assertTrue(look(250L * i, 100L * i).isEmpty());
    }
    ClockJumps slow = new ClockJumps(false);
    for (int i = 1; i < 200; i++) {
      long now = i;
      assertTrue(
          slow.look(
                  new JointSample(
                      10 * now * MS,
                      new double[1],
                      Optional.empty(),
                      new byte[0],
                      1_000 * now * MS))
              .isEmpty());
    }
  }

  @Test
  void inLockStepTimeGoesOnAsTheArmLikes() {
    ClockJumps lockStep = new ClockJumps(true);
    for (long second : new long[] {1, 100, 10_000}) {
      var state =
          new JointSample(1_000 * second * MS, new double[1], Optional.empty(), new byte[0], 0);
      assertTrue(lockStep.look(state).isEmpty());
    }
    var again = new JointSample(MS, new double[1], Optional.empty(), new byte[0], 0);
    assertTrue(lockStep.look(again).isPresent(), "back it never goes");
  }
}
