package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.report.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuccessTest {
  @Test
  void successIsToldWithItsInterval() {
    assertEquals("0.308 [0.255, 0.366] (81 of 263)", new Success(81, 263).toString());
    assertEquals("no episodes", new Success(0, 0).toString());
  }

  @Test
  void moreSuccessesThanEpisodesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Success(3, 2));
  }

  @Test
  void theGainHasAnIntervalOverPairs() {
    List<Boolean> before = List.of(true, false, false, false, true, false, false, false);
    List<Boolean> after = List.of(true, true, false, true, true, false, true, true);
    Interval gain = Success.gain(before, after);
    assertEquals(0.5, gain.value(), 1e-12);
    assertEquals(0.5 - 1.959964 * Math.sqrt(2. / 7 / 8), gain.low(), 1e-9);
    assertEquals(new Success(2, 8), Success.of(before));
  }
}
