package dev.reverie.replay;

import java.util.function.BooleanSupplier;

/** Plays a recording to the robot node at some pace. */
interface BagPlayer {
  /**
   * Plays the inputs of an episode that has begun, to its last observation.
   *
   * @param last runs before the last observation goes out, so that the episode ends with it
   * @param ended whether the episode is over
   */
  void play(RecordedBag bag, Runnable last, BooleanSupplier ended);
}
