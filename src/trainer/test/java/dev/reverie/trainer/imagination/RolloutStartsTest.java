package dev.reverie.trainer.imagination;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.trainer.data.Examples;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import org.junit.jupiter.api.Test;

class RolloutStartsTest extends LibtorchTest {
  private final Transitions transitions = Examples.transitions(2); // ends after 6 and 8 steps

  @Test
  void imaginationBeginsAtChunkBoundariesBeforeTheEnd() {
    RolloutStarts starts = RolloutStarts.draw(transitions, 200, 2, 1);
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
        200, Torch.longs(RolloutStarts.draw(transitions, 100, 2, 0).fromBeginning().sum())[0]);
  }
}
