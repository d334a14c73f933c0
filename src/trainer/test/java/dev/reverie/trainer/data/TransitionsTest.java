package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

class TransitionsTest extends LibtorchTest {
  private final Transitions transitions = Examples.transitions(2); // ends after 6 and 8 steps

  @Test
  void aWindowBeginsBeforeTheEndAndFitsTheLength() {
    assertArrayEquals(
        new long[] {0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 1, 0, 1, 1, 1, 2, 1, 3, 1, 4},
        Torch.longs(transitions.windows()));
  }

  @Test
  void theFirstFrameStandsTwiceAtTheBeginning() {
    Tensor windows = Torch.of(new long[] {1, 0, 1, 3}, 2, 2);
    Tensor context = transitions.context(windows, new Memory(2, false, false, false)).frames();
    Tensor episode = transitions.latents().kept().narrow(0, 9, 9);
    assertEquals(0, difference(context.select(0, 0).select(0, 0), episode.select(0, 0)));
    assertEquals(0, difference(context.select(0, 0).select(0, 1), episode.select(0, 0)));
    assertEquals(0, difference(context.select(0, 1).select(0, 0), episode.select(0, 2)));
    assertEquals(0, difference(context.select(0, 1).select(0, 1), episode.select(0, 3)));
  }

  @Test
  void theReferenceIsTheFirstFrameAndTheMemoryHasItsActions() {
    Tensor window = Torch.of(new long[] {1, 2}, 1, 2);
    Context past = transitions.context(window, new Memory(4, true, true, true));
    Tensor episode = transitions.latents().kept().narrow(0, 9, 9);
    int[] expected = {0, 0, 0, 1, 2}; // the reference, then what there is of four frames
    for (int i = 0; i < expected.length; i++) {
      assertEquals(0, difference(past.frames().select(1, i), episode.select(0, expected[i])));
    }
    assertArrayEquals(
        new float[] {0, 0, 0, 0, 0.5f, 0, 0.5f, 0}, Torch.floats(past.actions()), "two led there");
  }

  @Test
  void aChunkMovesTheMemoryOnAndLeavesTheReference() {
    Context past =
        transitions.context(Torch.of(new long[] {1, 2}, 1, 2), new Memory(4, true, true, true));
    Tensor next = Waves.of(9, 1, 1, 8, 12, 12);
    Tensor taken = Torch.full(0.25, 1, 1, 2);
    Tensor moved = Torch.full(0.75, 1, 1, 2);
    Context after = past.after(next, new Course(taken, moved));
    assertEquals(0, difference(after.frames().narrow(1, 0, 1), past.frames().narrow(1, 0, 1)));
    assertEquals(0, difference(after.frames().narrow(1, 1, 3), past.frames().narrow(1, 2, 3)));
    assertEquals(0, difference(after.newest(), next));
    assertEquals(0, difference(after.actions().narrow(1, 3, 1), taken));
    assertEquals(0, difference(after.actions().narrow(1, 0, 3), past.actions().narrow(1, 1, 3)));
    assertEquals(0, difference(after.joints().narrow(1, 0, 1), past.joints().narrow(1, 0, 1)));
    assertEquals(0, difference(after.joints().narrow(1, 1, 3), past.joints().narrow(1, 2, 3)));
    assertEquals(0, difference(after.newestJoints(), moved));
  }

  @Test
  void jointsAreGivenWhereTheyAreAskedForAndStandWhereTheFramesDo() {
    Tensor window = Torch.of(new long[] {1, 2}, 1, 2);
    Memory told = new Memory(2, true, false, true);
    Tensor episode = transitions.data().joints().select(0, 1);
    Tensor past = transitions.context(window, told).joints();
    int[] expected = {0, 1, 2};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(0, difference(past.select(1, i), episode.narrow(0, expected[i], 1)));
    }
    Tensor ahead = transitions.course(window, told).joints();
    assertEquals(0, difference(ahead.select(0, 0), episode.narrow(0, 3, 4)));
    Memory untold = new Memory(2, true, false, false);
    assertArrayEquals(
        new long[] {1, 3, 0}, Torch.shape(transitions.context(window, untold).joints()));
    assertArrayEquals(
        new long[] {1, 4, 0}, Torch.shape(transitions.course(window, untold).joints()));
  }

  @Test
  void aWindowLongerThanWhatIsCarriedOutGoesOnWithTheLastAction() {
    Transitions chunks = new Transitions(transitions.data(), transitions.latents(), 10, 2);
    Tensor windows = chunks.windows();
    assertEquals(6, windows.select(1, 1).max().item_long(), "from every boundary there is");
    Tensor last = Torch.of(new long[] {1, 6}, 1, 2);
    Tensor actions = chunks.actions(last);
    assertArrayEquals(new long[] {1, 10, 2}, Torch.shape(actions));
    Tensor end = transitions.data().actions().select(0, 1).narrow(0, 7, 1);
    assertEquals(0, difference(actions.select(0, 0).narrow(0, 1, 1), end));
    assertEquals(0, difference(actions.select(0, 0).narrow(0, 9, 1), end));
    assertArrayEquals(new float[] {1, 1, 0, 0, 0, 0, 0, 0, 0, 0}, Torch.floats(chunks.alive(last)));
    assertArrayEquals(
        new long[] {1, 2}, Torch.shape(chunks.windowed(2).actions(last).select(2, 0)));
  }

  @Test
  void numbersOfStepsThatDoNotFitAreRefused() {
    assertEquals(new Steps(8, 8, 8, 0), Steps.whole(8));
    Refusal.of(
        TrainerException.class,
        () -> new Steps(8, 8, 8, 1),
        "8 actions of a chunk of 8",
        "1 steps after",
        "imagination.executed");
    Refusal.of(TrainerException.class, () -> new Steps(0, 100, 8, 0), "imagination.window");
  }

  @Test
  void theNextFramesFollowTheActions() {
    Tensor window = Torch.of(new long[] {1, 3}, 1, 2);
    assertArrayEquals(new long[] {13, 14, 15, 16}, Torch.longs(transitions.nextFrames(window)));
    assertArrayEquals(
        new float[] {0.5f, 0, 0.5f, 0, 0.5f, 0, 0.5f, 0},
        Torch.floats(transitions.actions(window)));
  }

  @Test
  void whatFollowsTheEndIsMasked() {
    Tensor windows = Torch.of(new long[] {0, 4, 0, 1, 1, 4}, 3, 2);
    assertArrayEquals(
        new float[] {1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1}, Torch.floats(transitions.alive(windows)));
  }

  @Test
  void aWindowSucceedsWhenItsEpisodeHasByItsEnd() {
    Tensor windows = Torch.of(new long[] {0, 1, 0, 2, 0, 4, 1, 4}, 4, 2);
    assertArrayEquals(new long[] {0, 1, 1, 0}, Torch.longs(transitions.succeeded(windows)));
  }

  private static double difference(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item_double();
  }
}
