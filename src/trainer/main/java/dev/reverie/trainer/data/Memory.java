package dev.reverie.trainer.data;

/**
 * The past that a world model is given.
 *
 * @param frames so far, the last ones; WMPO and WoVR have 4. One more needs no other data: an
 *     episode's first frame stands for those before it
 * @param reference whether the first frame of the rollout comes before them: WoVR's fixed frame,
 *     against drift
 * @param actions whether the actions that led to these frames are given too: WoVR's retained ones
 * @param joints whether joint positions are given too, in these frames and in those that come
 */
public record Memory(int frames, boolean reference, boolean actions, boolean joints) {
  /** Frames in all. */
  public int slots() {
    return frames + (reference ? 1 : 0);
  }
}
