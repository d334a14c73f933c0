package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import org.junit.jupiter.api.Test;

class RewardThresholdTest extends LibtorchTest {
  private static final boolean[] SUCCESS = {true, true, true, false, false};
  private static final RewardThreshold.Scores REAL =
      new RewardThreshold.Scores(
          new float[] {0.9f, 0.8f, 0.5f, 0.1f, 0.45f},
          new float[] {0.1f, 0.7f, 0.1f, 0.9f, 0.9f},
          SUCCESS);

  @Test
  void qualityCountsRollouts() {
    RewardThreshold.Quality quality = REAL.at(0.6);
    assertEquals(1, quality.precision());
    assertEquals(2 / 3., quality.recall(), 1e-12);
    assertEquals(1 / 3., quality.wrongInstruction(), 1e-12);
    assertEquals(0.8, quality.f1(), 1e-12);
  }

  @Test
  void theThresholdSeparatesBestAndLiesNearTheReference() {
    assertEquals(0.49, RewardThreshold.choose(REAL, REAL, 0.6).threshold(), 1e-9);
    assertEquals(0.47, RewardThreshold.choose(REAL, REAL, 0.47).threshold(), 1e-9);
  }

  @Test
  void aClassifierThatMissesSuccessesIsRefusedWithTheNumberOfMissingOnes() {
    Dataset rollouts = Examples.episodes("e", 8); // 4 successes
    RewardThreshold.Quality deaf = new RewardThreshold.Quality(1, 0.2, 0);
    RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
    Refusal.of(
        TrainerException.class,
        () -> gate.check(new RewardThreshold(0.6, deaf, deaf), rollouts),
        "46 more successes");
  }

  @Test
  void aClassifierThatIgnoresTheInstructionIsRefused() {
    Dataset rollouts = Examples.episodes("e", 8);
    RewardThreshold.Quality good = new RewardThreshold.Quality(1, 1, 0);
    RewardThreshold.Quality anywhere = new RewardThreshold.Quality(1, 1, 0.9);
    RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
    assertDoesNotThrow(() -> gate.check(new RewardThreshold(0.6, good, good), rollouts));
    Refusal.of(
        TrainerException.class,
        () -> gate.check(new RewardThreshold(0.6, good, anywhere), rollouts),
        "wrong");
  }
}
