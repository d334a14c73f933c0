package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActionQueueTest {
  private final ActionQueue queue = new ActionQueue();

  private static Chunk chunk(int index, long tick) {
    return new Chunk(index, Command.POLICY, tick, new float[8], 4);
  }

  private Optional<String> next(long tick) {
    return queue.next(tick).map(a -> a.chunk().index() + ":" + a.k());
  }

  @Test
  void aChunkPlaysFromTheTickThatItSaw() {
    queue.add(chunk(0, 7));
    assertEquals(4, queue.remaining(7));
    for (int k = 0; k < 4; k++) {
      assertEquals(Optional.of("0:" + k), next(7 + k));
      assertEquals(3 - k, queue.remaining(8 + k));
    }
    assertTrue(next(11).isEmpty());
  }

  @Test
  void aSlowPolicyIsAskedAhead() {
    assertEquals(0, ChunkSource.lead(0.02), "in time for its first action");
    assertEquals(1, ChunkSource.lead(0.4));
    assertEquals(3, ChunkSource.lead(2.1));
  }

  @Test
  void aChunkThatWasAskedForEarlyFollowsTheOneThatPlays() {
    queue.add(chunk(0, 0));
    next(0);
    next(1);
    queue.add(chunk(1, 2)); // saw the observation of tick 2
    assertEquals(Optional.of("0:2"), next(2));
    assertEquals(Optional.of("0:3"), next(3));
    assertEquals(2, queue.remaining(4));
    assertEquals(Optional.of("1:2"), next(4)); // its first two belong to ticks that are over
  }

  @Test
  void aChunkThatCameTooLateIsNotPlayed() {
    queue.add(chunk(0, 0));
    assertEquals(0, queue.remaining(5));
    assertTrue(next(5).isEmpty());
  }

  @Test
  void aClearedQueueIsEmpty() {
    queue.add(chunk(0, 0));
    next(0);
    queue.add(chunk(1, 4));
    queue.clear();
    assertEquals(0, queue.remaining(1));
    assertTrue(next(1).isEmpty());
  }
}
