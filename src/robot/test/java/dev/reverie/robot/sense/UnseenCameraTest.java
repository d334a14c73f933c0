package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class UnseenCameraTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void aCameraThatNobodySeesIsMissedWhenBagsLackIt() {
    var wrist = new UnseenCamera("wrist", "/wrist/image_raw", 0);
    assertEquals(Optional.empty(), wrist.notice(4 * SECOND));
    String notice = wrist.notice(7 * SECOND).orElseThrow();
    assertTrue(notice.contains("'wrist'") && notice.contains("'/wrist/image_raw' for 7 s"), notice);
    wrist.arrived(8 * SECOND);
    assertEquals(Optional.empty(), wrist.notice(9 * SECOND));
    assertTrue(wrist.notice(14 * SECOND).isPresent());
  }
}
