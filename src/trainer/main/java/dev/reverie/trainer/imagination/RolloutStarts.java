package dev.reverie.trainer.imagination;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Starts of imagined rollouts: real frames of recorded ones.
 *
 * @param context latents of the two frames so far [B, 2, C, h, w]
 * @param instruction row of the instruction table [B], int64
 * @param chunksLeft until the time limit [B], int64
 * @param fromBeginning whether the first frame of an episode [B], bool
 */
public record RolloutStarts(
    Tensor context, Tensor instruction, Tensor chunksLeft, Tensor fromBeginning) {
  /**
   * Draws P starts and repeats each G times, one group after the other.
   *
   * <p>WoVR's keyframe-initialised rollouts (arXiv 2602.13977): a share of the starts lies at a
   * chunk boundary of the rollout, here a uniformly drawn one, the others at its first frame.
   *
   * @param groups P
   * @param size G
   * @param keyframeShare in [0, 1]
   */
  public static RolloutStarts draw(
      Transitions rollouts, int groups, int size, double keyframeShare) {
    Dataset data = rollouts.data();
    int n = data.episodes();
    Tensor episode =
        n < groups ? Torch.integers(n, groups) : torch.randperm(n).narrow(0, 0, groups);
    // Chunk boundaries 0 .. (steps - 1) / K lie before the episode's end.
    Tensor boundaries =
        torch
            .floor_divide(
                data.steps().index_select(0, episode).sub(new Scalar(1L)),
                new Scalar((long) rollouts.horizon()))
            .add(new Scalar(1L));
    Tensor drawn = torch.rand(groups).mul(boundaries).floor().to(torch.ScalarType.Long);
    Tensor keyframe = Torch.less(torch.rand(groups), keyframeShare);
    Tensor chunk = torch.where(keyframe, drawn, drawn.mul(new Scalar(0L)));
    return at(rollouts, episode, chunk).repeated(size);
  }

  /** The first frame of every episode, once. */
  public static RolloutStarts beginnings(Transitions rollouts) {
    Tensor episode = torch.arange(new Scalar((long) rollouts.data().episodes()));
    return at(rollouts, episode, episode.mul(new Scalar(0L)));
  }

  /** Every chunk boundary before an episode's end, one episode after the other. */
  public static RolloutStarts keyframes(Transitions rollouts) {
    Tensor windows = rollouts.windows(); // [M, 2], by episode, then by step
    Tensor step = windows.select(1, 1);
    Tensor boundary =
        Torch.positions(step.remainder(new Scalar((long) rollouts.horizon())).eq(new Scalar(0L)));
    return at(
        rollouts,
        windows.select(1, 0).index_select(0, boundary),
        torch.floor_divide(step.index_select(0, boundary), new Scalar((long) rollouts.horizon())));
  }

  /** Some of these, in their order. */
  public RolloutStarts range(long first, long count) {
    return new RolloutStarts(
        context.narrow(0, first, count),
        instruction.narrow(0, first, count),
        chunksLeft.narrow(0, first, count),
        fromBeginning.narrow(0, first, count));
  }

  private static RolloutStarts at(Transitions rollouts, Tensor episode, Tensor chunk) {
    Dataset data = rollouts.data();
    long chunks = data.horizon() / rollouts.horizon();
    Tensor step = chunk.mul(new Scalar((long) rollouts.horizon()));
    return new RolloutStarts(
        rollouts.context(Torch.stack(1, episode, step)),
        data.instruction().index_select(0, episode),
        chunk.neg().add(new Scalar(chunks)),
        chunk.eq(new Scalar(0L)));
  }

  private RolloutStarts repeated(long times) {
    return new RolloutStarts(
        Torch.repeatEach(context, times),
        Torch.repeatEach(instruction, times),
        Torch.repeatEach(chunksLeft, times),
        Torch.repeatEach(fromBeginning, times));
  }

  /** B. */
  public long count() {
    return instruction.size(0);
  }
}
