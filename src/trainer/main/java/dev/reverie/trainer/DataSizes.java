package dev.reverie.trainer;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.model.FrameVae;

/**
 * The amount of data that a run has.
 *
 * @param steps of the longest episode
 * @param tasks that the instructions ask for
 */
record DataSizes(Episodes demonstrations, Episodes rollouts, int steps, int tasks) {
  /** Numbers of episodes that are all as long as the longest. */
  DataSizes(int demonstrations, int rollouts, int steps, int tasks) {
    this(
        new Episodes(demonstrations, (long) demonstrations * steps),
        new Episodes(rollouts, (long) rollouts * steps),
        steps,
        tasks);
  }

  /**
   * Some episodes.
   *
   * @param steps of all of them together
   */
  record Episodes(int count, long steps) {
    Episodes and(Episodes others) {
      return new Episodes(count + others.count, steps + others.steps);
    }

    /** Pictures: one before each step, and one after the last. */
    double frames() {
      return (double) steps + count;
    }

    /** Bytes of the decoded pictures, which stay on disk. */
    double pictures(Canvas canvas) {
      return 3.0 * frames() * canvas.pixels();
    }

    /** Bytes of the latents. */
    double latents(FrameVae.Config config, Canvas canvas) {
      double cells = (double) canvas.pixels() / FrameVae.PIXELS_A_CELL;
      return config.latents().bytes() * frames() * cells * config.channels();
    }
  }
}
