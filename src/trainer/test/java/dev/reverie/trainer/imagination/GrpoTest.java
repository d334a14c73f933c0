package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class GrpoTest extends LibtorchTest {
  @Test
  void advantagesCompareARolloutWithItsGroup() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1}, 3, 4);
    float[] expected = {
      0.866024f, -0.866024f, -0.866024f, 0.866024f, 0, 0, 0, 0, -0.5f, -0.5f, -0.5f, 1.5f
    };
    assertArrayEquals(expected, Torch.floats(Advantage.STANDARDISED.of(rewards)), 1e-5f);
  }

  @Test
  void theRatioIsClippedFurtherAboveThanBelow() {
    Tensor ratio = Torch.of(new float[] {1.5f, 1.1f, 0.5f, 0.5f, 1.5f}, 5);
    Tensor advantage = Torch.of(new float[] {1, 1, 1, -1, -1}, 5);
    float[] expected = {-1.28f, -1.1f, -0.5f, 0.8f, 1.5f};
    assertArrayEquals(
        expected, Torch.floats(Grpo.clipped(ratio, advantage, Grpo.Config.DEFAULT)), 1e-6f);
  }

  @Test
  void theRatioIsOfEachTokenOrOfTheWholeChunk() {
    float[] changes = {
      (float) Math.log(1.1),
      (float) Math.log(1.25),
      0,
      (float) Math.log(0.8), // of the first chunk
      (float) Math.log(1.5),
      0,
      (float) Math.log(0.6),
      0
    };
    Tensor change = Torch.of(changes, 2, 2, 2);
    assertArrayEquals(
        new float[] {1.1f, 1.25f, 1, 0.8f, 1.5f, 1, 0.6f, 1},
        Torch.floats(Ratio.TOKEN.log(change).exp()),
        1e-6f);
    Tensor ratio = Ratio.CHUNK.log(change).exp();
    assertArrayEquals(new float[] {1.1f, 0.9f}, Torch.floats(ratio), 1e-6f);
    // Token by token 0.6 would be clipped.
    assertArrayEquals(
        new float[] {-2.2f, 0.9f},
        Torch.floats(Grpo.clipped(ratio, Torch.of(new float[] {2, -1}, 2), Grpo.Config.DEFAULT)),
        1e-6f);
  }

  @Test
  void groupsAreLearnedFromWhoseSuccessLiesInTheBand() {
    Tensor rewards = // 0, 1, 2, 3 and 4 of 4
        Torch.of(new float[] {0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1}, 5, 4);
    Tensor all = Torch.full(1, 5, 4);
    assertArrayEquals(new long[] {0, 1, 1, 1, 0}, usable(0, 1, rewards, all));
    assertArrayEquals(new long[] {0, 1, 1, 1, 0}, usable(0.25, 0.75, rewards, all));
    assertArrayEquals(new long[] {0, 0, 1, 1, 0}, usable(0.3, 0.9, rewards, all));
    Tensor cut = all.clone();
    cut.select(1, 3).fill_(new Scalar(0f)); // so 0, 1, 2, 3 and 3 of 3
    assertArrayEquals(new long[] {0, 1, 1, 0, 0}, usable(0, 1, rewards, cut));
    assertArrayEquals(new long[] {0, 0, 1, 0, 0}, usable(0.5, 1, rewards, cut));
  }

  private static long[] usable(double low, double high, Tensor rewards, Tensor kept) {
    return Torch.longs(new Band(low, high).usable(rewards, kept).to(torch.ScalarType.Long));
  }

  @Test
  void aBandWithoutAnyGroupIsRefusedWithWhatToGive() {
    new Band(0.1, 0.9).check(8);
    Refusal.of(
        IllegalArgumentException.class,
        () -> new Band(0.1, 0.2).check(4),
        "grpo.successLow is 0.1",
        "1 to 3 successes of grpo.groupSize 4");
    Refusal.of(
        IllegalArgumentException.class,
        () -> new Band(0.6, 0.5).check(8),
        "grpo.successHigh is 0.5; it must be grpo.successLow or more, which is 0.6");
  }

  @Test
  void theSurplusOfGroupsIsLeftOut() {
    Tensor usable = Torch.greater(Torch.of(new float[] {1, 0, 1, 1, 0, 1}, 6), 0);
    assertArrayEquals(
        new long[] {1, 0, 1, 0, 0, 0},
        Torch.longs(Grpo.first(usable, 2).to(torch.ScalarType.Long)));
    assertArrayEquals(
        new long[] {1, 0, 1, 1, 0, 1},
        Torch.longs(Grpo.first(usable, 9).to(torch.ScalarType.Long)));
  }

  @Test
  void aMiniBatchHasChunksOrAllChunksOfSomeRollouts() {
    Tensor rollout = Torch.of(new long[] {2, 2, 2, 5, 7, 7, 9, 9, 9, 9}, 10);
    List<Tensor> chunks = MiniBatchOf.CHUNKS.draw(rollout, 4);
    assertEquals(List.of(4L, 4L, 2L), chunks.stream().map(part -> part.size(0)).toList());
    List<Tensor> rollouts = MiniBatchOf.ROLLOUTS.draw(rollout, 2);
    assertEquals(2, rollouts.size());
    for (List<Tensor> drawn : List.of(chunks, rollouts)) {
      long[] places = Torch.longs(Torch.cat(0, drawn));
      assertArrayEquals(
          LongStream.range(0, 10).toArray(), LongStream.of(places).sorted().toArray());
    }
    for (Tensor part : rollouts) {
      long[] of = Torch.longs(rollout.index_select(0, part));
      assertEquals(2, LongStream.of(of).distinct().count());
      for (long one : LongStream.of(of).distinct().toArray()) {
        assertEquals(
            LongStream.of(Torch.longs(rollout)).filter(each -> each == one).count(),
            LongStream.of(of).filter(each -> each == one).count());
      }
    }
  }

  @Test
  void ofMiniBatchesOfRolloutsEachRolloutWeighsTheSame() {
    Tensor rollout = Torch.of(new long[] {0, 1, 1, 1}, 4);
    Tensor weights = LengthNorm.TRAJECTORY.weights(rollout, Torch.of(new long[] {3, 3}, 2));
    double all = MiniBatchOf.ROLLOUTS.total(weights);
    assertEquals(0.5, weights.select(0, 0).item_double() / all, 1e-6);
    Tensor second = weights.narrow(0, 1, 3);
    double alone = MiniBatchOf.ROLLOUTS.total(second);
    assertEquals(1 / 3.0, second.select(0, 0).item_double() / alone, 1e-6);
    assertEquals(3, MiniBatchOf.CHUNKS.total(second));
  }

  @Test
  void theLearningRateFallsToATenth() {
    assertEquals(1, Grpo.decay(0, 40, 0.1));
    assertEquals(0.5, Grpo.decay(20, 40, 0.1));
    assertEquals(0.1, Grpo.decay(39, 40, 0.1));
    assertEquals(1, Grpo.decay(39, 40, 1));
  }

  @Test
  void aGroupOfOneIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PracticeSettings.of(1, 16, 1, 0.5, 1, 3e-4, 3, 256, 5));
  }

  @Test
  void advantagesMayBeCentredAlone() {
    Tensor rewards = Torch.of(new float[] {1, 0, 0, 0}, 1, 4);
    assertArrayEquals(
        new float[] {0.75f, -0.25f, -0.25f, -0.25f},
        Torch.floats(Advantage.CENTRED.of(rewards)),
        1e-6f);
  }

  @Test
  void aRolloutWeighsTheSameHoweverLongItIs() {
    Tensor rollout = Torch.of(new long[] {0, 0, 0, 0, 2, 0, 0, 0, 0}, 9); // 8 chunks and 1
    Tensor limits = Torch.of(new long[] {8, 8, 8}, 3);
    float[] weights = Torch.floats(LengthNorm.TRAJECTORY.weights(rollout, limits));
    assertEquals(4.5f, weights[4], 1e-6f);
    assertEquals(4.5f / 8, weights[0], 1e-6f);
    assertArrayEquals(
        new float[] {1, 1}, Torch.floats(LengthNorm.TOKEN.weights(Torch.range(0, 2), limits)), 0);
    // Success of one chunk against failure of eight: nothing is pushed one way on the whole.
    float[] advantage = {-1, -1, -1, -1, 1, -1, -1, -1, -1};
    double sum = 0;
    for (int i = 0; i < advantage.length; i++) {
      sum += weights[i] * advantage[i];
    }
    assertEquals(0, sum, 1e-6);
  }

  @Test
  void aStartWithFewStepsLeftHasFewTokensToWeigh() {
    Tensor rollout = Torch.of(new long[] {0, 0, 1, 1, 1, 1}, 6);
    Tensor limits = Torch.of(new long[] {2, 4}, 2); // both went on to their limit
    assertArrayEquals(
        new float[] {1, 1, 1, 1, 1, 1},
        Torch.floats(LengthNorm.TRAJECTORY.weights(rollout, limits)),
        1e-6f);
  }

  @Test
  void aRatioMayBeBoundedWhereTheAdvantageIsNegative() {
    Grpo.Config dual = PracticeSettings.dualClip(3);
    Tensor ratio = Torch.of(new float[] {10, 10}, 2);
    Tensor advantage = Torch.of(new float[] {-1, 1}, 2);
    assertArrayEquals(
        new float[] {3, -1.28f}, Torch.floats(Grpo.clipped(ratio, advantage, dual)), 1e-6f);
  }
}
