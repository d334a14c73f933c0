package dev.reverie.robot.sense;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.robot.control.Holding;
import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldReasonTest {
  private static HoldReason image(String format, Object... values) {
    return HoldReason.about(Kind.BAD_IMAGE, "front", format, values);
  }

  @Test
  void aReasonIsToldAgainWhenMoreThanItsNumbersChange() {
    List<String> told = new ArrayList<>();
    var holding = new Holding(told::add, () -> {});
    holding.because(image("'%s' is %.3f s old", "front", 0.4));
    holding.because(image("'%s' is %.3f s old", "front", 0.5));
    holding.because(image("'%s' has the encoding '%s'", "front", "yuv422"));
    holding.because(image("'%s' has the encoding '%s'", "front", "mono16"));
    holding.because(image("'%s' is %dx%d", "front", 32, 32));
    holding.because(image("'%s' is %dx%d", "front", 16, 16));
    assertEquals(
        List.of(
            "the arm holds still: 'front' is 0.400 s old",
            "the arm holds still: 'front' has the encoding 'yuv422'",
            "the arm holds still: 'front' has the encoding 'mono16'",
            "the arm holds still: 'front' is 32x32"),
        told);
  }
}
