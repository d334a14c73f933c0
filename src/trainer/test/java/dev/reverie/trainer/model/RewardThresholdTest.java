package dev.reverie.trainer.model;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.TrainerException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewardThresholdTest extends LibtorchTest {
  private static final boolean[] SUCCESS = {true, true, true, false, false};
  private static final RewardScores REAL =
      new RewardScores(
          List.of(
              new float[] {0.9f},
              new float[] {0.1f, 0.8f},
              new float[] {0.2f, 0.5f},
              new float[] {0.1f, 0.1f},
              new float[] {0.45f, 0.2f}),
          List.of(
              new float[] {0.1f},
              new float[] {0.1f, 0.7f},
              new float[] {0.1f, 0.1f},
              new float[] {0.9f, 0.1f},
              new float[] {0.1f, 0.9f}),
          SUCCESS);
  private static final RewardQuality GOOD = quality(20, 0, 0, 20);

  private final RewardGate gate = new RewardGate(RewardGate.Config.DEFAULT);
  private final Dataset rollouts = Examples.episodes("e", 8); // 4 successes

  @Test
  void qualityCountsRollouts() {
    RewardQuality quality = REAL.at(0.6);
    assertEquals(1, quality.precision().value());
    assertEquals(2 / 3., quality.recall().value(), 1e-12);
    assertEquals(0, quality.falseAlarm().value());
    assertEquals(1 / 3., quality.wrongInstruction().value(), 1e-12);
    assertEquals(0.792, quality.wrongInstruction().high(), 1e-3);
    assertEquals(0.8, quality.f1(), 1e-12);
    assertEquals(0.208, quality.recall().low(), 1e-3);
  }

  @Test
  void verdictsAreCountedInTheChunkThatIsFirstCalledASuccess() {
    RewardScores replayed =
        new RewardScores(
            List.of(
                new float[] {0.1f, 0.9f},
                new float[] {0.9f, 0.1f, 0.1f},
                new float[] {0.1f, 0.1f, 0.1f},
                new float[] {0.9f, 0.1f, 0.9f, 0.1f},
                new float[] {0.1f, 0.1f, 0.1f, 0.9f},
                new float[] {0.1f, 0.1f, 0.1f, 0.1f}),
            List.of(),
            new boolean[] {true, true, true, false, false, false});
    List<RewardDepth> byDepth = replayed.byDepth(0.6);
    assertEquals(4, byDepth.size());
    assertEquals(List.of(6, 4, 3, 2), byDepth.stream().map(RewardDepth::undecided).toList());
    assertEquals(List.of(1, 1, 0, 0), byDepth.stream().map(RewardDepth::rightly).toList());
    assertEquals(List.of(1, 0, 0, 1), byDepth.stream().map(RewardDepth::wrongly).toList());
    assertEquals(0.5, byDepth.get(0).precision().value(), "one is right and one is wrong");
    RewardQuality first = byDepth.get(0).upTo();
    assertEquals(0.5, first.precision().value());
    assertEquals(1, first.recall().high(), "no success has ended");
    assertEquals(0, first.recall().low());
    assertEquals(1 / 3., first.falseAlarm().value(), 1e-12);
    RewardQuality second = byDepth.get(1).upTo();
    assertEquals(2 / 3., second.precision().value(), 1e-12);
    assertEquals(1, second.recall().value(), "the one that has ended");
    assertEquals(2 / 3., byDepth.get(2).upTo().recall().value(), 1e-12);
    assertEquals(replayed.at(0.6), byDepth.get(3).upTo(), "at the end it is the whole");
    assertEquals(0, replayed.at(0.6).wrongInstruction().high(), "there is no other instruction");
  }

  @Test
  void theThresholdSeparatesBestAndLiesNearTheReference() {
    assertEquals(0.49, RewardThreshold.choose(REAL, REAL, 0.6).threshold(), 1e-9);
    assertEquals(0.47, RewardThreshold.choose(REAL, REAL, 0.47).threshold(), 1e-9);
  }

  @Test
  void verdictsAreTrustedUpToTheDepthAtWhichTheyAreSurelyWrong() {
    RewardQuality deaf = quality(1, 30, 0, 20);
    RewardQuality unknown = quality(0, 1, 0, 1);
    assertEquals(2, judged(GOOD, GOOD, GOOD, unknown, deaf).trustedChunks(gate.config()));
    assertEquals(Integer.MAX_VALUE, judged(GOOD, GOOD, GOOD, unknown).trustedChunks(gate.config()));
  }

  /** All failures last to the limit, so that by the chunk of their end all is right before it. */
  @Test
  void failuresThatAreEarlyCalledASuccessAreDistrustedWhereTheyAre() {
    List<float[]> own = new ArrayList<>();
    boolean[] success = new boolean[30];
    for (int i = 0; i < success.length; i++) {
      success[i] = i < 15;
      own.add(success[i] ? new float[] {0.1f, 0.1f, 0.9f} : new float[] {0.1f, 0.1f, 0.1f, 0.1f});
    }
    RewardScores good = new RewardScores(List.copyOf(own), List.of(), success);
    own.subList(15, 23).replaceAll(_ -> new float[] {0.1f, 0.9f, 0.1f, 0.1f});
    RewardScores hasty = new RewardScores(own, List.of(), success);
    RewardQuality whole = hasty.at(0.6);
    assertEquals(Integer.MAX_VALUE, judged(GOOD, good).trustedChunks(gate.config()));
    assertDoesNotThrow(() -> gate.check(judged(GOOD, good), rollouts));
    assertEquals(1, judged(GOOD, hasty).trustedChunks(gate.config()));
    RewardThreshold early = new RewardThreshold(0.6, GOOD, GOOD, hasty.byDepth(0.6));
    refused(early, "up to chunk 2 of the world model's replay, surely too little is one, 0 %");
    assertEquals(15 / 23., whole.precision().value(), 1e-12);
  }

  @Test
  void ofAFewRolloutsNothingIsSureAtAnyDepth() {
    RewardQuality few = quality(0, 3, 3, 1);
    assertDoesNotThrow(() -> gate.check(judged(GOOD, GOOD, few), rollouts));
    refused(judged(GOOD, GOOD, quality(0, 30, 0, 20)), "surely finds too few successes up to");
    refused(judged(GOOD, GOOD, quality(40, 0, 38, 2)), "surely calls too many failures");
  }

  @Test
  void aFitClassifierPasses() {
    assertDoesNotThrow(() -> gate.check(judged(GOOD, GOOD), rollouts));
  }

  @Test
  void aClassifierThatMissesSuccessesIsRefusedWithTheNumberOfMissingOnes() {
    RewardQuality deaf = quality(2, 8, 0, 20);
    refused(judged(deaf, GOOD), "46 more successes");
    refused(judged(GOOD, deaf), "replay");
  }

  @Test
  void aClassifierThatAlwaysSaysSuccessIsRefusedUnderOneInstructionToo() {
    refused(judged(quality(15, 0, 11, 0), GOOD), "calls a success");
    refused(judged(quality(50, 0, 6, 0), GOOD), "of the failures");
    refused(judged(GOOD, quality(15, 0, 11, 0)), "replay");
  }

  @Test
  void fewRolloutsProveLittle() {
    refused(judged(quality(2, 0, 0, 2), GOOD), "must be sure");
  }

  @Test
  void aClassifierThatIgnoresTheInstructionIsRefused() {
    refused(judged(GOOD, misled(18, 20)), "90 % [70, 97] of the successes");
    refused(judged(misled(4, 15), GOOD), "27 % [11, 52] of the successes");
    assertDoesNotThrow(() -> gate.check(judged(GOOD, misled(3, 15)), rollouts));
    refused(judged(GOOD, misled(0, 3)), "must be ruled out");
  }

  private static RewardQuality misled(int wrong, int successes) {
    return new RewardQuality(
        GOOD.precision(), GOOD.recall(), GOOD.falseAlarm(), RewardQuality.share(wrong, successes));
  }

  private void refused(RewardThreshold threshold, String with) {
    Refusal.of(TrainerException.class, () -> gate.check(threshold, rollouts), with);
  }

  private static RewardQuality quality(int hits, int misses, int falseAlarms, int refusals) {
    return new RewardQuality(
        RewardQuality.share(hits, hits + falseAlarms),
        RewardQuality.share(hits, hits + misses),
        RewardQuality.share(falseAlarms, falseAlarms + refusals),
        RewardQuality.NEVER);
  }

  private static RewardThreshold judged(RewardQuality real, RewardScores replayed) {
    return new RewardThreshold(0.6, real, replayed.at(0.6), replayed.byDepth(0.6));
  }

  private static RewardThreshold judged(
      RewardQuality real, RewardQuality replayed, RewardQuality... upTo) {
    return new RewardThreshold(
        0.6,
        real,
        replayed,
        Arrays.stream(upTo)
            .map(quality -> new RewardDepth(1, 0, 0, quality.precision(), quality))
            .toList());
  }
}
