package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class SuccessTest {

  /** Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263. */
  @Test
  void theWilsonIntervalIsThatOfNewcombe() {
    var success = new Success(81, 263);
    assertEquals(0.2553, success.low(), 5e-5);
    assertEquals(0.3662, success.high(), 5e-5);
  }

  @Test
  void moreSuccessesThanEpisodesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Success(3, 2));
  }

  @Test
  void noTwoPhasesShareAnEpisode() {
    assertEquals(3_100_007, Phase.ROLLOUT.seed(3, 7));
    assertThrows(IllegalArgumentException.class, () -> Phase.ROLLOUT.seed(3, 100_000));
  }
}
