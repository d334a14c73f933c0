package dev.reverie.robot;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The actions that are still to be played: what is left of the chunk that plays, then the chunk
 * that waits behind it. An action belongs to the tick that it was predicted for: what a slow
 * inference was overtaken by is skipped. Not thread-safe.
 */
final class ActionQueue {
  private @Nullable Chunk playing;
  private int next; // index of the next action of the chunk that plays
  private @Nullable Chunk waiting;

  /** Action {@code k} of a chunk. */
  record Action(Chunk chunk, int k) {}

  /** Puts a chunk behind the one that plays; an older one that still waits is dropped. */
  void add(Chunk chunk) {
    waiting = chunk;
  }

  /** Takes the action for a control tick; empty if there is none. */
  Optional<Action> next(long tick) {
    if (playing == null || next >= playing.horizon()) {
      playing = waiting;
      waiting = null;
      next = playing == null ? 0 : Math.clamp(tick - playing.tick(), 0, playing.horizon());
    }
    if (playing == null || next >= playing.horizon()) {
      return Optional.empty();
    }
    return Optional.of(new Action(playing, next++));
  }

  /** Actions left for the ticks from {@code tick} on. */
  int remaining(long tick) {
    int left = playing == null ? 0 : playing.horizon() - next;
    if (waiting != null) {
      long skipped = tick + left - waiting.tick();
      left += Math.clamp(waiting.horizon() - skipped, 0, waiting.horizon());
    }
    return left;
  }

  /** Drops all actions: the arm is held, or a person takes over. */
  void clear() {
    playing = null;
    waiting = null;
  }
}
