package dev.reverie.trainer.imagination;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Chunks of rollouts, imagined or real, M of B; those after a rollout's success are not there,
 * which is GRPO's mask.
 *
 * @param rollout that the chunk belongs to [M], int64 in 0..B-1
 * @param pixels that the policy saw [M, 3, H, W], uint8
 * @param words of its instruction, as tokens [M, L], int64
 * @param joints [M, J], rad
 * @param first place in the policy's chunk of the first action that was carried out [M], int64
 * @param ahead the actions that were carried out before it, so many as that, 0 behind them [M, n,
 *     D]
 * @param drawn by the policy for the chunk, as its head has it [M, ...]
 * @param logProbabilities of the parts of what was drawn, when it was, [M, E, D] or [M, S]
 * @param success of each rollout [B], bool
 * @param trusted weight of each rollout in the loss, 0 where it was cut, which is no failure [B]
 */
public record PlayedRollouts(
    Tensor rollout,
    Tensor pixels,
    Tensor words,
    Tensor joints,
    Tensor first,
    Tensor ahead,
    Tensor drawn,
    Tensor logProbabilities,
    Tensor success,
    Tensor trusted) {
  /** Chunks one after the other, kept beyond the scope; frees the parts. */
  static PlayedRollouts concat(List<PlayedRollouts> parts, Tensor success, Tensor trusted) {
    Function<Function<PlayedRollouts, Tensor>, Tensor> joined =
        field -> Torch.cat(0, parts.stream().map(field).toList());
    PlayedRollouts all =
        new PlayedRollouts(
                joined.apply(PlayedRollouts::rollout),
                joined.apply(PlayedRollouts::pixels),
                joined.apply(PlayedRollouts::words),
                joined.apply(PlayedRollouts::joints),
                joined.apply(PlayedRollouts::first),
                joined.apply(PlayedRollouts::ahead),
                joined.apply(PlayedRollouts::drawn),
                joined.apply(PlayedRollouts::logProbabilities),
                success.clone(),
                trusted.clone())
            .kept();
    parts.forEach(PlayedRollouts::close);
    return all;
  }

  /** The rollouts of several parts, in their order; frees the parts. */
  static PlayedRollouts inRow(List<PlayedRollouts> parts) {
    try (var _ = new PointerScope()) {
      long before = 0;
      for (PlayedRollouts part : parts) {
        part.rollout.add_(new Scalar(before));
        before += part.success.size(0);
      }
      return concat(
          parts,
          Torch.cat(0, parts.stream().map(PlayedRollouts::success).toList()),
          Torch.cat(0, parts.stream().map(PlayedRollouts::trusted).toList()));
    }
  }

  /** Lets them outlive the scope, on the CPU; to be closed then. */
  public PlayedRollouts kept() {
    PlayedRollouts kept = moved(Compute::onCpu);
    kept.tensors().forEach(Torch::keep);
    return kept;
  }

  /** The same where networks are. */
  PlayedRollouts onDevice() {
    return moved(Compute::onDevice);
  }

  private PlayedRollouts moved(UnaryOperator<Tensor> to) {
    return new PlayedRollouts(
        to.apply(rollout),
        to.apply(pixels),
        to.apply(words),
        to.apply(joints),
        to.apply(first),
        to.apply(ahead),
        to.apply(drawn),
        to.apply(logProbabilities),
        to.apply(success),
        to.apply(trusted));
  }

  /**
   * The chunks of all ranks, in the order of one; frees this rank's.
   *
   * @param numbers of this rank's chunks among them [M], int64
   * @param count of all
   */
  PlayedRollouts together(Tensor numbers, long count) {
    UnaryOperator<Tensor> ofAll = here -> Ranks.world().together(here, numbers, count);
    PlayedRollouts all =
        new PlayedRollouts(
                ofAll.apply(rollout),
                ofAll.apply(pixels),
                ofAll.apply(words),
                ofAll.apply(joints),
                ofAll.apply(first),
                ofAll.apply(ahead),
                ofAll.apply(drawn),
                ofAll.apply(logProbabilities),
                success.clone(),
                trusted.clone())
            .kept();
    close();
    return all;
  }

  /** The chunks at these places [A], of the same rollouts. */
  PlayedRollouts select(Tensor at) {
    return new PlayedRollouts(
        rollout.index_select(0, at),
        pixels.index_select(0, at),
        words.index_select(0, at),
        joints.index_select(0, at),
        first.index_select(0, at),
        ahead.index_select(0, at),
        drawn.index_select(0, at),
        logProbabilities.index_select(0, at),
        success,
        trusted);
  }

  /** 1 for success, 0 for failure, by group [P, G]. */
  Tensor rewards(long groupSize) {
    return success.to(Float).view(-1, groupSize);
  }

  /** Share of the rollouts that succeed. */
  public double successRate() {
    return success.to(Float).mean().item_double();
  }

  public void close() {
    tensors().forEach(Tensor::close);
  }

  private List<Tensor> tensors() {
    return List.of(
        rollout, pixels, words, joints, first, ahead, drawn, logProbabilities, success, trusted);
  }
}
