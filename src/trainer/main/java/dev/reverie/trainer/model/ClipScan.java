package dev.reverie.trainer.model;

/**
 * The clips in which the reward classifier looks for success along a rollout: one of each chunk, or
 * also those that end within it, as WMPO scans what it has imagined (arXiv 2511.09515).
 *
 * @param length frames of a clip, as many as a chunk has
 * @param stride steps from the end of one clip to that of the next; 0: one clip a chunk
 */
public record ClipScan(int length, int stride) {
  /** Frames before a chunk that its first clip begins with. */
  public int before() {
    return (clips() - 1) * stride;
  }

  /** Clips that end in a chunk, the last of them with it. */
  public int clips() {
    return stride == 0 ? 1 : (length - 1) / stride + 1;
  }
}
