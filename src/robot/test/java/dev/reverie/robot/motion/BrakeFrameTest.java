package dev.reverie.robot.motion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BrakeFrameTest {
  private static final BrakeFrame.Way FIRST = new BrakeFrame.Way(1_000_000_000L, List.of());
  private static final BrakeFrame.Way LAST = new BrakeFrame.Way(1_100_000_000L, List.of());

  private final BrakeFrame frame = new BrakeFrame(List.of(FIRST, LAST));

  @Test
  void theWayIsTheOneThatBeginsNext() {
    assertEquals(Optional.of(FIRST), frame.from(900_000_000L));
    assertEquals(Optional.of(FIRST), frame.from(1_000_000_000L));
    assertEquals(Optional.of(LAST), frame.from(1_000_000_001L));
    assertEquals(Optional.of(LAST), frame.from(1_115_000_000L));
  }

  @Test
  void anArmThatIsFurtherThanAllWaysIsNotThrownBack() {
    assertEquals(Optional.empty(), frame.from(1_130_000_000L));
    assertEquals(Optional.empty(), BrakeFrame.REST.from(0));
  }
}
