package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TakeoverTest {
  private static final long MS = 1_000_000L;

  private final Takeover takeover = new Takeover(false);

  private static TeleopCommand command(long stampMs, long arrivalMs) {
    return new TeleopCommand(
        "ada", stampMs * MS, new double[3], Optional.empty(), arrivalMs * MS, arrivalMs * MS);
  }

  @Test
  void aPersonTakesOverOnceAndLetsGoByFallingSilent() {
    takeover.begin(false);
    assertFalse(takeover.personActs(1000 * MS));
    takeover.add(command(0, 1000));
    assertTrue(takeover.takes());
    assertFalse(takeover.takes(), "they act already");
    assertTrue(takeover.personActs(1400 * MS));
    assertFalse(takeover.personActs(1600 * MS));
    takeover.add(command(0, 1700));
    assertTrue(takeover.takes(), "again");
  }

  @Test
  void aDemonstrationIsThePersonsToItsEnd() {
    takeover.begin(true);
    takeover.add(command(0, 1000));
    assertFalse(takeover.takes());
    assertTrue(takeover.personActs(9000 * MS));
    assertEquals(Optional.empty(), takeover.latest(9000 * MS));
  }

  @Test
  void aCommandAnswersItsObservationOrIsForNow() {
    takeover.add(command(70, 1000));
    assertTrue(takeover.answering(70 * MS, 1100 * MS).isPresent());
    assertTrue(takeover.answering(80 * MS, 1100 * MS).isEmpty());
    takeover.add(command(0, 1000));
    assertTrue(takeover.answering(80 * MS, 1100 * MS).isPresent());
    assertTrue(takeover.answering(80 * MS, 2000 * MS).isEmpty(), "the person has let go");
  }

  @Test
  void inLockStepNobodyTakesOverAndOnlyTheStampCounts() {
    var lockStep = new Takeover(true);
    lockStep.begin(false);
    lockStep.add(command(0, 1000));
    assertFalse(lockStep.takes());
    assertTrue(lockStep.answering(80 * MS, 1000 * MS).isEmpty());
  }
}
