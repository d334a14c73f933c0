package dev.reverie.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class IntervalTest {
  /** Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263. */
  @Test
  void theWilsonIntervalIsThatOfNewcombe() {
    Interval interval = Interval.wilson(81, 263);
    assertEquals(81 / 263.0, interval.value());
    assertEquals(0.2553, interval.low(), 5e-5);
    assertEquals(0.3662, interval.high(), 5e-5);
  }

  /** Brown, Cai and DasGupta 2001, their formula. */
  @Test
  void theWilsonIntervalOfFewTrialsIsWideAndStaysBelowOne() {
    Interval interval = Interval.wilson(8, 10);
    assertEquals(0.4902, interval.low(), 1e-4);
    assertEquals(0.9433, interval.high(), 1e-4);
    assertTrue(Interval.wilson(10, 10).low() < 1);
    assertEquals(1, Interval.wilson(10, 10).high(), 1e-12);
  }
}
