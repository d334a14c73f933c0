package dev.reverie.calibrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.testing.Refusal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StillArmTest {
  private static final long SECOND = 1_000_000_000L;
  private final StillArm arm = new StillArm(0.01);

  private void say(long nanos, String joint, double position) {
    arm.add(
        new JointState(
            new Header(Stamps.time(nanos), ""),
            List.of(joint),
            new double[] {position},
            new double[0],
            new double[0]));
  }

  @Test
  void jointsOfSeveralPublishersStandStillWhereEachDoesAndNoiseIsAveraged() {
    for (int i = 0; i < 20; i++) {
      say(SECOND + i * SECOND / 20, "a", 1 + (i % 2 == 0 ? 0.002 : -0.002));
      say(SECOND + i * SECOND / 20 + 7, "b", i < 10 ? 0.1 * i : 0.9);
    }
    assertEquals(Optional.empty(), arm.at(SECOND * 5 / 4, List.of("a", "b")));
    Map<String, Double> still = arm.at(SECOND * 19 / 10, List.of("a", "b")).orElseThrow();
    assertEquals(1, still.getOrDefault("a", 0.0), 5e-4);
    assertEquals(0.9, still.getOrDefault("b", 0.0), 1e-12);
  }

  @Test
  void anArmThatStandsAtPiStandsStillThoughItsPositionsAreAFullTurnApart() {
    for (int i = 0; i < 20; i++) {
      say(SECOND + i * SECOND / 20, "a", i % 2 == 0 ? 3.141 : -3.141);
    }
    double still = arm.at(SECOND * 3 / 2, List.of("a")).orElseThrow().getOrDefault("a", 0.0);
    assertEquals(Math.PI, still, 1e-3);
  }

  @Test
  void whatKeepsAnArmFromStandingStillIsTold() {
    assertTrue(arm.trouble(SECOND, List.of("a")).contains("no position of the joints [a]"));
    say(SECOND, "a", 0);
    assertTrue(arm.trouble(4 * SECOND, List.of("a")).contains("3.0 s apart"));
    assertTrue(arm.trouble(SECOND, List.of("a")).contains("stand still for a second"));
    Refusal.of(CalibrateException.class, () -> say(0, "a", 0), "no stamps");
  }
}
