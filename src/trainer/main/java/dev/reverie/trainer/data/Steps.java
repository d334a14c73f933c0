package dev.reverie.trainer.data;

import dev.reverie.trainer.nn.TrainLoop;
import dev.reverie.trainer.nn.TrainerException;

/**
 * Numbers of steps that go together; three that need not be alike, and how late the policy sees.
 *
 * @param window frames that the world model predicts at once
 * @param chunk K, actions that the policy gives at once
 * @param executed actions of a chunk that are carried out before the next one is; of the last
 *     window that they take the rest is left
 * @param delay steps from what the policy sees to the first action that is carried out, which is
 *     the one of its chunk that belongs there; those before it come from the chunk before
 */
public record Steps(int window, int chunk, int executed, int delay) {
  public Steps {
    if (executed < 1 || delay < 0 || executed + delay > chunk) {
      throw new TrainerException(
          "%d actions of a chunk of %d cannot be carried out %d steps after what the policy sees; set imagination.executed and imagination.delay to no more than the chunk together"
              .formatted(executed, chunk, delay));
    }
    if (window < 1) {
      throw new TrainerException(
          "the world model's window is %d frames; set imagination.window to 1 or more"
              .formatted(window));
    }
  }

  /** Returns the loop of stages that depend on these; of whole chunks nothing is said of them. */
  public TrainLoop in(TrainLoop loop) {
    return equals(whole(chunk)) ? loop : loop.of(this);
  }

  /** All actions of a chunk are carried out, and predicted at once. */
  public static Steps whole(int chunk) {
    return new Steps(chunk, chunk, chunk, 0);
  }
}
