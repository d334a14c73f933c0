package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PhaseTest {
  private static final int MOST = 100_000;

  @Test
  void noTwoPhasesAndNoTwoRoundsShareAnEpisode() {
    Set<Long> seeds = new HashSet<>();
    int count = 0;
    for (long round = 0; round < 3; round++) {
      for (Phase phase : Phase.values()) {
        for (int episode : new int[] {0, 1, 127, 499, MOST - 1}) {
          seeds.add(phase.seed(round, episode));
          count++;
        }
      }
    }
    assertEquals(count, seeds.size());
    assertEquals(3_100_007, Phase.ROLLOUT.seed(3, 7), "as in the rounds of before");
  }

  @Test
  void rolloutsAreDrawnAsThePolicyPractisesAndEvaluationsNever() {
    assertEquals(1.6f, Phase.ROLLOUT.temperature(1.6f));
    assertEquals(1, Phase.EVALUATION.temperature(1.6f));
    assertEquals(0, Phase.DEMONSTRATION.temperature(1.6f));
  }

  @Test
  void anEpisodeThatWouldBelongToAnotherPhaseIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Phase.ROLLOUT.seed(3, MOST));
    assertThrows(IllegalArgumentException.class, () -> Phase.ROLLOUT.seed(3, -1));
    assertThrows(IllegalArgumentException.class, () -> Phase.ROLLOUT.seed(-1, 0));
  }
}
