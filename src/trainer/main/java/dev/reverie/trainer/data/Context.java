package dev.reverie.trainer.data;

import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The past of B rollouts as a world model is given it.
 *
 * @param frames latents: the reference where there is one, then the memory, the newest last [B, S,
 *     C, h, w]
 * @param actions that led to each frame of the memory [B, M, D]; 0 before the episode's beginning
 */
public record Context(Memory memory, Tensor frames, Tensor actions) {
  /** The newest frame, [B, 1, C, h, w]. */
  public Tensor newest() {
    return frames.narrow(1, frames.size(1) - 1, 1);
  }

  /** The action that led to it, [B, D]. */
  public Tensor led() {
    return actions.select(1, actions.size(1) - 1);
  }

  /**
   * The past after a chunk.
   *
   * @param next latents of the chunk's frames [B, K, C, h, w]
   * @param taken its actions [B, K, D]
   */
  public Context after(Tensor next, Tensor taken) {
    Tensor old = frames.narrow(1, memory.slots() - memory.frames(), memory.frames());
    Tensor kept = last(old, next);
    return new Context(
        memory,
        memory.reference() ? Torch.cat(1, frames.narrow(1, 0, 1), kept) : kept,
        last(actions, taken));
  }

  /** The past of some rollouts. */
  public Context select(Tensor at) {
    return new Context(memory, frames.index_select(0, at), actions.index_select(0, at));
  }

  /** The same with the past of some rollouts replaced. */
  public Context with(Tensor at, Context others) {
    return new Context(
        memory, frames.index_copy(0, at, others.frames), actions.index_copy(0, at, others.actions));
  }

  public List<Tensor> tensors() {
    return List.of(frames, actions);
  }

  /** The last entries along dimension 1, as many as the memory has. */
  private Tensor last(Tensor before, Tensor more) {
    Tensor all = more.size(1) >= memory.frames() ? more : Torch.cat(1, before, more);
    return all.narrow(1, all.size(1) - memory.frames(), memory.frames());
  }
}
