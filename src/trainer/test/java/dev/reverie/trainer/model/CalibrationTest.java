package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Refusal;
import org.junit.jupiter.api.Test;

class CalibrationTest extends LibtorchTest {
  private static final boolean[] SUCCESS = {true, true, true, false, false};
  private static final Calibration.Scores REAL =
      new Calibration.Scores(
          new float[] {.9f, .8f, .5f, .1f, .45f}, new float[] {.1f, .7f, .1f, .9f, .9f}, SUCCESS);

  @Test
  void qualityCountsRollouts() {
    Calibration.Quality quality = REAL.at(.6);
    assertEquals(1, quality.precision());
    assertEquals(2 / 3., quality.recall(), 1e-12);
    assertEquals(1 / 3., quality.wrongInstruction(), 1e-12);
    assertEquals(.8, quality.f1(), 1e-12);
  }

  @Test
  void theThresholdSeparatesBestAndLiesNearTheReference() {
    assertEquals(.49, Calibration.choose(REAL, REAL, .6).threshold(), 1e-9);
    assertEquals(.47, Calibration.choose(REAL, REAL, .47).threshold(), 1e-9);
  }

  @Test
  void aClassifierThatMissesSuccessesIsRefusedWithTheNumberOfMissingOnes() {
    Dataset rollouts = Examples.episodes("e", 8); // 4 successes
    Calibration.Quality deaf = new Calibration.Quality(1, .2, 0);
    RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
    Refusal.saying(
        "46 more successes", () -> gate.check(new Calibration(.6, deaf, deaf), rollouts));
  }

  @Test
  void aClassifierThatIgnoresTheInstructionIsRefused() {
    Dataset rollouts = Examples.episodes("e", 8);
    Calibration.Quality good = new Calibration.Quality(1, 1, 0);
    Calibration.Quality anywhere = new Calibration.Quality(1, 1, .9);
    RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
    assertDoesNotThrow(() -> gate.check(new Calibration(.6, good, good), rollouts));
    Refusal.saying("wrong", () -> gate.check(new Calibration(.6, good, anywhere), rollouts));
  }
}
