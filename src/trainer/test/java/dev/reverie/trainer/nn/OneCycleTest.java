package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class OneCycleTest {
  private final OneCycle schedule = new OneCycle(0.1, 20, 0.1);

  @Test
  void theLearningRateIsThatOfPyTorch() {
    assertEquals(0.004, schedule.learningRate(0), 1e-12);
    assertEquals(0.1, schedule.learningRate(1), 1e-12);
    assertEquals(0.09330129698414119, schedule.learningRate(4), 1e-12);
    assertEquals(0.0500002, schedule.learningRate(10), 1e-12);
    assertEquals(4e-7, schedule.learningRate(19), 1e-12);
  }

  @Test
  void beta1IsThatOfPyTorch() {
    assertEquals(0.95, schedule.beta1(0), 1e-12);
    assertEquals(0.85, schedule.beta1(1), 1e-12);
    assertEquals(0.856698729810778, schedule.beta1(4), 1e-12);
    assertEquals(0.95, schedule.beta1(19), 1e-12);
  }

  @Test
  void aWarmUpOfEverythingIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new OneCycle(0.1, 20, 1));
  }
}
