package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * Action chunks that a policy drew, of which E actions are carried out.
 *
 * @param drawn what its probability is found from again: tokens [B, E, D], int64; actions [B, E,
 *     D]; or what each step of denoising came to, from the noise on [B, S + 1, K, D]
 * @param actions in [-1, 1], [B, E, D]
 * @param logProbabilities of the parts of what was drawn, [B, E, D] or [B, S]
 */
public record PolicySample(Tensor drawn, Tensor actions, Tensor logProbabilities) {
  /**
   * Returns what is carried out of each chunk.
   *
   * @param chunks [B, K, D, ...]
   * @param first place of the first action that is [B], int64
   * @param executed E, how many are
   * @return [B, E, D, ...]
   */
  public static Tensor executed(Tensor chunks, Tensor first, long executed) {
    if (executed == chunks.size(1)) {
      return chunks;
    }
    long[] shape = Torch.shape(chunks);
    shape[1] = executed;
    Tensor at =
        first.unsqueeze(1).add(Compute.onDevice(Torch.range(0, executed)).unsqueeze(0)); // [B, E]
    for (int i = 2; i < shape.length; i++) {
      at = at.unsqueeze(-1);
    }
    return chunks.gather(1, at.expand(shape));
  }
}
