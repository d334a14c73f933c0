package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
}
