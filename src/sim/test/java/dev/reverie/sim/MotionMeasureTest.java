package dev.reverie.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MotionMeasureTest {
  private final MotionMeasure measure =
      new MotionMeasure(List.of(new SceneModel.Joint("a", 0, 0, -1, 1)), 0.01, 5);

  private void requireSays(String text) {
    assertTrue(measure.json().contains(text), measure.json());
  }

  @Test
  void aSineHasThePeaksThatItsDerivativesHave() {
    for (int i = 0; i <= 400; i++) {
      measure.instant(new double[] {0.5 * Math.sin(4 * i * 0.01)});
    }
    requireSays("\"peak_velocity\": 1.999"); // 0.5 * 4
    requireSays("\"peak_acceleration\": 7.99"); // 0.5 * 4^2
    requireSays("\"peak_jerk\": 31.9"); // 0.5 * 4^3
    requireSays("\"beyond_position\": 0, \"beyond_velocity\": 0");
  }

  @Test
  void whatGoesBeyondLimitsAndEachStandstillIsCounted() {
    double position = 0;
    for (int move = 0; move < 3; move++) {
      for (int i = 0; i < 10; i++) {
        position += 0.06; // 6 rad/s
        measure.instant(new double[] {position});
      }
      measure.instant(new double[] {position});
    }
    requireSays(
        "\"moves\": 3, \"standstills\": 3, \"beyond_position\": 16, \"beyond_velocity\": 29");
  }

  @Test
  void droppedCommandsAreCountedByReason() {
    measure.command(Optional.empty());
    measure.command(Optional.of("sizes"));
    measure.command(Optional.of("ends in the past"));
    measure.command(Optional.of("sizes"));
    requireSays("\"accepted\": 1, \"rejected\": {\"ends in the past\": 1, \"sizes\": 2}");
  }

  @Test
  void aPauseOfTheSimulationIsNoMotion() {
    measure.instant(new double[] {0});
    measure.late(20);
    measure.instant(new double[] {0.9});
    requireSays("\"peak_velocity\": 0.0000");
    requireSays("\"late_instants\": 20");
  }
}
