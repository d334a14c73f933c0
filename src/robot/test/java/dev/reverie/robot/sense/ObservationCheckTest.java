package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ObservationCheckTest {
  private static final long SECOND = 1_000_000_000L;
  private static final long TODAY = 1_795_000_000L;

  /** Returns what is said of a joint state with a stamp that has just come, s. */
  private static HoldReason told(long clockS, long stampS) {
    var check =
        new ObservationCheck(List.of("wrist"), List.of(), false, 0.3, () -> clockS * SECOND);
    var sample =
        new JointSample(
            stampS * SECOND, new double[1], Optional.empty(), new byte[0], System.nanoTime());
    return check.stale(sample, List.of()).orElseThrow();
  }

  @Test
  void whereNothingTellsTheSimulatedTimeThatIsSaid() {
    HoldReason told = told(0, TODAY);
    assertEquals(Kind.NO_OBSERVATION, told.kind());
    assertTrue(told.text().contains("nothing came on /clock"), told.text());
    assertTrue(told.text().contains("leave use_sim_time out"), told.text());
  }

  @Test
  void aClockOfAnotherKindIsNotToBeSynchronised() {
    for (HoldReason told : List.of(told(TODAY, 100), told(100, TODAY))) {
      assertTrue(told.text().contains("use_sim_time to all nodes or to none"), told.text());
      assertTrue(!told.text().contains("synchronise"), told.text());
    }
    assertEquals(Kind.STALE, told(TODAY, 100).kind());
    assertEquals(Kind.IN_FUTURE, told(100, TODAY).kind());
  }

  @Test
  void clocksThatDifferByMinutesAreToBeSynchronised() {
    assertTrue(told(TODAY, TODAY - 100).text().contains("synchronise the clocks"));
    assertTrue(told(TODAY, TODAY + 100).text().contains("synchronise the clocks"));
  }
}
