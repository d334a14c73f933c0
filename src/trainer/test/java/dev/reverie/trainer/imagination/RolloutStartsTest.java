package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class RolloutStartsTest extends LibtorchTest {
  private final Transitions transitions = Examples.transitions(2); // ends after 6 and 8 steps
  private final RolloutStarts.Pool pool = RolloutStarts.Pool.all(transitions, 8);

  @Test
  void theTimeLimitIsASettingAndNotTheLongestEpisode() {
    assertArrayEquals(
        new long[] {5, 5},
        Torch.longs(RolloutStarts.Pool.all(transitions, 20).beginnings(1).chunksLeft()));
    assertArrayEquals(
        new long[] {1, 1},
        Torch.longs(RolloutStarts.Pool.all(transitions, 3).beginnings(1).chunksLeft()));
  }

  @Test
  void aStartIsWhatTheArmSawAndWhereItStood() {
    RolloutStarts starts = pool.beginnings(1);
    assertArrayEquals(
        Torch.bytes(transitions.data().frames().at(0)), Torch.bytes(starts.frames(0)));
    assertArrayEquals(
        Torch.floats(transitions.data().joints().select(1, 0)), Torch.floats(starts.joints(0)));
  }

  @Test
  void whatLiesBeforeAStartStandsStillBeforeTheBeginning() {
    RolloutStarts second =
        new RolloutStarts(
            transitions, Torch.of(new long[] {1, 1}, 1, 2), Torch.of(new long[] {2}, 1));
    assertArrayEquals(new long[] {1}, Torch.longs(second.age()));
    Tensor recorded = transitions.data().joints().select(0, 1);
    Tensor seen = second.joints(2).select(0, 0);
    int[] expected = {0, 0, 1};
    for (int i = 0; i < 3; i++) {
      assertArrayEquals(
          Torch.floats(recorded.select(0, expected[i])), Torch.floats(seen.select(0, i)));
    }
  }

  /** 3 and 4 chunks of 2 steps: none is needed beside 2 first frames, or all, or every third. */
  @Test
  void momentsAlongTheEpisodesAreAsFarApartAsLeavesEnoughOfThem() {
    Transitions fine = new Transitions(transitions.data(), transitions.latents(), 2);
    RolloutStarts.Pool of = RolloutStarts.Pool.all(fine, 8);
    assertEquals(0, of.along(2, 5).count());
    assertArrayEquals(new long[0], Torch.longs(of.along(2, 5).moment()));
    assertArrayEquals(new long[] {1, 6}, Torch.longs(of.along(3, 1).moment()));
    assertArrayEquals(new long[] {0, 4, 1, 4}, Torch.longs(of.along(4, 1).moment()));
    long[] all = {0, 2, 0, 4, 1, 2, 1, 4, 1, 6};
    assertArrayEquals(all, Torch.longs(of.along(7, 1).moment()));
    assertArrayEquals(all, Torch.longs(of.along(100, 1).moment()));
    assertArrayEquals(
        new long[] {3, 3, 2, 2, 3, 3, 2, 2, 1, 1}, Torch.longs(of.along(100, 2).chunksLeft()));
    var second = new RolloutStarts.Pool(fine, Torch.of(new long[] {1}, 1), 8);
    assertArrayEquals(new long[] {1, 6}, Torch.longs(second.along(2, 1).moment()));
  }

  @Test
  void onlyTheEpisodesOfThePoolAreStartedFrom() {
    var second = new RolloutStarts.Pool(transitions, Torch.of(new long[] {1}, 1), 8);
    for (long episode :
        Torch.longs(second.draw(5, 2, 0.5, Keyframes.UNIFORM.alone()).moment().select(1, 0))) {
      assertEquals(1, episode);
    }
  }

  @Test
  void imaginationBeginsAtChunkBoundariesBeforeTheEnd() {
    RolloutStarts starts = pool.draw(200, 2, 1, Keyframes.UNIFORM.alone());
    long[] left = Torch.longs(starts.chunksLeft());
    long[] first = Torch.longs(starts.fromBeginning());
    int late = 0;
    for (int i = 0; i < left.length; i += 2) {
      assertEquals(left[i], left[i + 1], "a group has one start");
      assertEquals(left[i] == 2 ? 1 : 0, first[i]);
      late += left[i] == 1 ? 1 : 0;
    }
    assertEquals(100, late, 30, "both boundaries are drawn alike");
    assertEquals(
        200, Torch.longs(pool.draw(100, 2, 0, Keyframes.UNIFORM.alone()).fromBeginning().sum())[0]);
  }
}
