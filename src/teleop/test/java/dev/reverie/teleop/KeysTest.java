package dev.reverie.teleop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.geometry_msgs.Twist;
import dev.reverie.msgs.sensor_msgs.Joy;
import dev.reverie.msgs.std_msgs.Header;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeysTest {
  private final Keys keys = new Keys();

  @Test
  void aKeyMovesTheTipForAsLongAsItIsRepeated() {
    keys.press('w', 0);
    assertEquals(new Jog(1, 0, 0, 0, 0, 0), keys.jog(100_000_000L));
    assertEquals(Jog.REST, keys.jog(Keys.HELD_NANOS + 1));
    keys.press('W', Keys.HELD_NANOS + 2);
    assertEquals(1, keys.jog(Keys.HELD_NANOS + 3).x());
  }

  @Test
  void anyOtherKeyStopsTheTipAtOnce() {
    keys.press('d', 0);
    keys.press(' ', 1);
    assertEquals(Jog.REST, keys.jog(2));
    assertFalse(keys.ended());
    keys.press('q', 3);
    assertTrue(keys.ended());
  }

  @Test
  void theSpeedStaysBetweenSlowAndFull() {
    keys.press('+', 0);
    assertEquals(1, keys.speed());
    for (int i = 0; i < 100; i++) {
      keys.press('-', 0);
    }
    assertEquals(0.05, keys.speed());
  }

  @Test
  void theGripperIsLeftAloneUntilSomebodySaysSomething() {
    assertEquals(Optional.empty(), keys.gripperOpen());
    keys.press('n', 0);
    assertEquals(Optional.of(true), keys.gripperOpen());
    assertEquals(Optional.empty(), keys.gripperOpen(), "said once");
    keys.press('m', 0);
    assertEquals(Optional.of(false), keys.gripperOpen());
  }

  @Test
  void aTwistHasTheSpeedsThatWereSet() {
    Twist twist = new Jog(1, -0.5, 0, 0, 0, 1).twist(0.2, 0.4);
    assertEquals(0.2, twist.linear().x());
    assertEquals(-0.1, twist.linear().y());
    assertEquals(0.4, twist.angular().z());
  }

  @Test
  void aGamepadMovesNothingUnlessItsSwitchIsHeld() {
    var header = new Header();
    float[] axes = {0.05f, 1, 0, Float.NaN, 7};
    assertEquals(Jog.REST, Pad.jog(new Joy(header, axes, new int[] {0, 0, 0, 0, 0})));
    assertEquals(
        new Jog(1, 0, 1, 0, 0, 0), Pad.jog(new Joy(header, axes, new int[] {0, 0, 0, 0, 1})));
    assertEquals(Jog.REST, Pad.jog(new Joy(header, new float[0], new int[0])));
    assertEquals(Optional.of(false), Pad.gripperOpen(new Joy(header, axes, new int[] {0, 1})));
  }
}
