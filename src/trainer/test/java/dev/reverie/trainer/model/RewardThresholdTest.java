package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardThresholdTest extends LibtorchTest {
  private static final boolean[] SUCCESS = {true, true, true, false, false};
  private static final RewardThreshold.Scores REAL =
      new RewardThreshold.Scores(
          List.of(
              new float[] {0.9f},
              new float[] {0.1f, 0.8f},
              new float[] {0.2f, 0.5f},
              new float[] {0.1f, 0.1f},
              new float[] {0.45f, 0.2f}),
          new float[] {0.1f, 0.7f, 0.1f, 0.9f, 0.9f},
          SUCCESS);
  private static final RewardQuality GOOD = RewardQuality.of(20, 0, 0, 20, 0);

  private final RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
  private final Dataset rollouts = Examples.episodes("e", 8); // 4 successes

  @Test
  void qualityCountsRollouts() {
    RewardQuality quality = REAL.at(0.6);
    assertEquals(1, quality.precision().value());
    assertEquals(2 / 3., quality.recall().value(), 1e-12);
    assertEquals(0, quality.falseAlarm().value());
    assertEquals(1 / 3., quality.wrongInstruction(), 1e-12);
    assertEquals(0.8, quality.f1(), 1e-12);
    assertEquals(0.208, quality.recall().low(), 1e-3);
  }

  @Test
  void qualityIsToldByTheChunkInWhichARolloutEnds() {
    List<RewardQuality> byDepth = REAL.byDepth(0.6);
    assertEquals(2, byDepth.size());
    assertEquals(1, byDepth.get(0).recall().value());
    assertEquals(0.5, byDepth.get(1).recall().value());
  }

  @Test
  void theThresholdSeparatesBestAndLiesNearTheReference() {
    assertEquals(0.49, RewardThreshold.choose(REAL, REAL, 0.6).threshold(), 1e-9);
    assertEquals(0.47, RewardThreshold.choose(REAL, REAL, 0.47).threshold(), 1e-9);
  }

  @Test
  void verdictsAreTrustedUpToTheDepthAtWhichTheyAreSurelyWrong() {
    RewardQuality deaf = RewardQuality.of(1, 30, 0, 20, 0);
    RewardQuality unknown = RewardQuality.of(0, 1, 0, 1, 0);
    assertEquals(2, judged(GOOD, GOOD, List.of(GOOD, unknown, deaf)).trustedChunks(gate.config()));
    assertEquals(
        Integer.MAX_VALUE, judged(GOOD, GOOD, List.of(GOOD, unknown)).trustedChunks(gate.config()));
  }

  @Test
  void aFitClassifierPasses() {
    assertDoesNotThrow(() -> gate.check(judged(GOOD, GOOD), rollouts));
  }

  @Test
  void aClassifierThatMissesSuccessesIsRefusedWithTheNumberOfMissingOnes() {
    RewardQuality deaf = RewardQuality.of(2, 8, 0, 20, 0);
    refused(judged(deaf, GOOD), "46 more successes");
    refused(judged(GOOD, deaf), "replay");
  }

  @Test
  void aClassifierThatAlwaysSaysSuccessIsRefusedUnderOneInstructionToo() {
    refused(judged(RewardQuality.of(15, 0, 11, 0, 0), GOOD), "calls a success");
    refused(judged(RewardQuality.of(50, 0, 6, 0, 0), GOOD), "of the failures");
    refused(judged(GOOD, RewardQuality.of(15, 0, 11, 0, 0)), "replay");
  }

  @Test
  void fewRolloutsProveLittle() {
    refused(judged(RewardQuality.of(2, 0, 0, 2, 0), GOOD), "must be sure");
  }

  @Test
  void aClassifierThatIgnoresTheInstructionIsRefused() {
    refused(judged(GOOD, RewardQuality.of(20, 0, 0, 20, 18)), "wrong");
  }

  private void refused(RewardThreshold threshold, String with) {
    Refusal.of(TrainerException.class, () -> gate.check(threshold, rollouts), with);
  }

  private static RewardThreshold judged(RewardQuality real, RewardQuality replayed) {
    return judged(real, replayed, List.of());
  }

  private static RewardThreshold judged(
      RewardQuality real, RewardQuality replayed, List<RewardQuality> byDepth) {
    return new RewardThreshold(0.6, real, replayed, byDepth);
  }
}
