package dev.reverie.trainer.data;

import dev.reverie.policy.NdArray;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * An episode of S steps in P pieces as the policy sees it: between two pieces something is missing.
 * A piece without steps is one observation of which only its action is known. The arrays must not
 * be changed.
 *
 * @param policy id of the policy that acted; empty for a person, who took over too
 * @param success whether the last frame shows that it succeeded
 * @param late whether it succeeded some time before the last frame, and nobody said when
 * @param pieces steps of each piece, [P]; those without any come first
 * @param frames [S+P, 3, H, W], U8
 * @param checksums CRC-32C of each frame [S+P]
 * @param joints [S+P, J], rad
 * @param unseen whether each piece has one more action, what it did was not seen [P]
 * @param actions [S+U, D], normalised to [-1, 1]; U pieces have one more
 * @param carriedOut as {@link ChunkTiming#carriedOut(dev.reverie.rollout.Episode)}
 * @param delays as {@link ChunkTiming#delays(dev.reverie.rollout.Episode)}
 */
record DecodedEpisode(
    String id,
    String policy,
    String instruction,
    boolean success,
    boolean late,
    int[] pieces,
    NdArray frames,
    long[] checksums,
    float[] joints,
    boolean[] unseen,
    float[] actions,
    int[] carriedOut,
    int[] delays) {
  DecodedEpisode {
    int steps = IntStream.of(pieces).sum();
    if (pieces.length == 0
        || unseen.length != pieces.length
        || IntStream.range(0, pieces.length).anyMatch(p -> pieces[p] + count(unseen[p]) < 1)
        || frames.shape().length != 4
        || frames.shape()[0] != steps + pieces.length
        || checksums.length != steps + pieces.length
        || joints.length % checksums.length != 0
        || actions.length % (steps + count(unseen)) != 0) {
      throw new IllegalArgumentException(
          "frames %s, %d checksums, %d joint positions and %d numbers of actions are no episode"
              .formatted(frames, checksums.length, joints.length, actions.length));
    }
  }

  /** Makes an episode, with checksums of the frames as they are. */
  static DecodedEpisode of(
      String id,
      String policy,
      String instruction,
      boolean success,
      boolean late,
      int[] pieces,
      NdArray frames,
      float[] joints,
      boolean[] unseen,
      float[] actions,
      int[] carriedOut,
      int[] delays) {
    return new DecodedEpisode(
        id,
        policy,
        instruction,
        success,
        late,
        pieces,
        frames,
        EpisodeFrames.checksums(frames),
        joints,
        unseen,
        actions,
        carriedOut,
        delays);
  }

  /** U, of some pieces. */
  static int count(boolean... unseen) {
    return (int) IntStream.range(0, unseen.length).filter(p -> unseen[p]).count();
  }

  /** S. */
  int steps() {
    return checksums.length - pieces.length;
  }

  /** S+U. */
  int acted() {
    return steps() + count(unseen);
  }

  /** Returns whether every frame still has its checksum. */
  boolean intact() {
    return Arrays.equals(checksums, EpisodeFrames.checksums(frames));
  }

  /** Copies the episode, with frames in memory of their own. */
  DecodedEpisode copy() {
    return new DecodedEpisode(
        id,
        policy,
        instruction,
        success,
        late,
        pieces,
        frames.copy(),
        checksums,
        joints,
        unseen,
        actions,
        carriedOut,
        delays);
  }

  /** The place of a piece's first frame. */
  int firstFrame(int piece) {
    return IntStream.range(0, piece).map(p -> pieces[p] + 1).sum();
  }

  /** The id of the recording that a piece of several is of. */
  static String recordingOf(String pieceId) {
    int mark = pieceId.lastIndexOf('#');
    return mark < 0 ? pieceId : pieceId.substring(0, mark);
  }

  /** A piece as an episode of its own; this one where it is the only one. */
  DecodedEpisode piece(int piece) {
    if (pieces.length == 1) {
      return this;
    }
    int frame = firstFrame(piece);
    int step = frame - piece + count(Arrays.copyOf(unseen, piece));
    int acted = pieces[piece] + count(unseen[piece]);
    int length = pieces[piece] + 1;
    int width = joints.length / checksums.length;
    int dimensions = actions.length / acted();
    return new DecodedEpisode(
        id + "#" + (piece + 1),
        policy,
        instruction,
        success && piece == pieces.length - 1,
        late && piece == pieces.length - 1,
        new int[] {pieces[piece]},
        EpisodeFrames.slice(frames, frame, length),
        Arrays.copyOfRange(checksums, frame, frame + length),
        Arrays.copyOfRange(joints, frame * width, (frame + length) * width),
        new boolean[] {unseen[piece]},
        Arrays.copyOfRange(actions, step * dimensions, (step + acted) * dimensions),
        carriedOut,
        delays);
  }
}
