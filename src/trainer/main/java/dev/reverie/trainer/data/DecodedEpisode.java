package dev.reverie.trainer.data;

import dev.reverie.policy.NdArray;
import java.util.Arrays;

/**
 * An episode of S steps as the policy sees it. The arrays must not be changed.
 *
 * @param frames [S+1, 3, H, W], U8
 * @param checksums CRC-32C of each frame [S+1]
 * @param joints [S+1, J], rad
 * @param actions [S, D], normalised to [-1, 1]
 */
record DecodedEpisode(
    String id,
    String instruction,
    boolean success,
    NdArray frames,
    long[] checksums,
    float[] joints,
    float[] actions) {
  DecodedEpisode {
    int steps = checksums.length - 1;
    if (steps < 1
        || frames.shape().length != 4
        || frames.shape()[0] != steps + 1
        || joints.length % (steps + 1) != 0
        || actions.length % steps != 0) {
      throw new IllegalArgumentException(
          "frames %s, %d checksums, %d joint positions and %d numbers of actions are no episode"
              .formatted(frames, checksums.length, joints.length, actions.length));
    }
  }

  /** Makes an episode, with checksums of the frames as they are. */
  static DecodedEpisode of(
      String id,
      String instruction,
      boolean success,
      NdArray frames,
      float[] joints,
      float[] actions) {
    return new DecodedEpisode(
        id, instruction, success, frames, EpisodeFrames.checksums(frames), joints, actions);
  }

  /** S. */
  int steps() {
    return checksums.length - 1;
  }

  /** Returns whether every frame still has its checksum. */
  boolean intact() {
    return Arrays.equals(checksums, EpisodeFrames.checksums(frames));
  }

  /** Copies the episode, with frames in memory of their own. */
  DecodedEpisode copy() {
    return new DecodedEpisode(id, instruction, success, frames.copy(), checksums, joints, actions);
  }
}
