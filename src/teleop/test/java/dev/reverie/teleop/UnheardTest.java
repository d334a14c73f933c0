package dev.reverie.teleop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class UnheardTest {
  private static final long SECOND = 1_000_000_000L;

  private final Unheard unheard = new Unheard("nobody hears it", 0);

  @Test
  void whoIsHeardByNobodyIsToldSoAfterTwoSecondsUntilSomebodyListens() {
    assertEquals("", unheard.notice(0, 2 * SECOND), "discovery takes its time");
    assertEquals("nobody hears it", unheard.notice(0, 2 * SECOND + 1));
    assertEquals("", unheard.notice(1, 3 * SECOND));
    assertEquals("", unheard.notice(0, 5 * SECOND), "who is restarted is not gone");
    assertEquals("nobody hears it", unheard.notice(0, 5 * SECOND + 1));
  }

  @Test
  void aLineChangesInPlaceHoweverNarrowTheTerminalIs() {
    var line = new StatusLine();
    assertEquals("", line.change("", 80));
    assertEquals("\r\033[Jnobody\r", line.change("nobody", 80));
    assertEquals("", line.change("nobody", 80), "what stands there is not written again");
    assertEquals("\r\033[Jnobody hears\033[2A\r", line.change("nobody hears", 5));
    assertEquals("\r\033[Jfive!\r", line.change("five!", 5));
    assertEquals("\r\033[J\r", line.change("", 0));
  }
}
