package dev.reverie.trainer.data;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * The past of B rollouts as a world model is given it.
 *
 * @param frames latents: the reference where there is one, then the memory, the newest last [B, S,
 *     C, h, w]
 * @param actions that led to each frame of the memory [B, M, D]; 0 before the episode's beginning
 * @param joints positions in each of the frames [B, S, J], rad; J is 0 where none are given
 */
public record Context(Memory memory, Tensor frames, Tensor actions, Tensor joints) {
  /** Returns where no joints are given. */
  public Context(Memory memory, Tensor frames, Tensor actions) {
    this(memory, frames, actions, none(frames.size(0), frames.size(1)));
  }

  /** Positions of no joints, [B, F, 0]. */
  static Tensor none(long batch, long frames) {
    return Compute.onDevice(Torch.zeros(Float, batch, frames, 0));
  }

  /** The newest frame, [B, 1, C, h, w]. */
  public Tensor newest() {
    return newest(frames);
  }

  /** The joints in it, [B, 1, J], rad. */
  public Tensor newestJoints() {
    return newest(joints);
  }

  private static Tensor newest(Tensor slots) {
    return slots.narrow(1, slots.size(1) - 1, 1);
  }

  /** The action that led to it, [B, D]. */
  public Tensor led() {
    return actions.select(1, actions.size(1) - 1);
  }

  /**
   * The past after a chunk.
   *
   * @param next latents of the chunk's frames [B, K, C, h, w]
   * @param course the chunk's actions, and where the joints are in these frames
   */
  public Context after(Tensor next, Course course) {
    return new Context(
        memory, kept(frames, next), last(actions, course.actions()), kept(joints, course.joints()));
  }

  /**
   * The same with noise on the memory, as WMPO has it; the reference stays as it is, as in WoVR.
   *
   * @param level [B]
   * @param drawn of the frames' shape
   * @param scaled whether the frames are scaled by 1 - level
   */
  public Context noised(Tensor level, Tensor drawn, boolean scaled) {
    Tensor by = level.view(-1, 1, 1, 1, 1);
    Tensor noise = drawn.mul(by);
    Tensor kept = scaled ? frames.mul(Torch.plus(by.neg(), 1)) : frames;
    Tensor noisy = kept.add(noise);
    if (memory.reference()) {
      noisy = Torch.cat(1, frames.narrow(1, 0, 1), noisy.narrow(1, 1, memory.frames()));
    }
    return new Context(memory, noisy, actions, joints);
  }

  /** The past of some rollouts. */
  public Context select(Tensor at) {
    return new Context(
        memory,
        frames.index_select(0, at),
        actions.index_select(0, at),
        joints.index_select(0, at));
  }

  /** The past of rollouts that follow each other. */
  public Context range(long first, long count) {
    return new Context(
        memory,
        frames.narrow(0, first, count),
        actions.narrow(0, first, count),
        joints.narrow(0, first, count));
  }

  /** The same with the past of some rollouts replaced. */
  public Context with(Tensor at, Context others) {
    return new Context(
        memory,
        frames.index_copy(0, at, others.frames),
        actions.index_copy(0, at, others.actions),
        joints.index_copy(0, at, others.joints));
  }

  public List<Tensor> tensors() {
    return List.of(frames, actions, joints);
  }

  /** The reference where there is one, and the last of what was remembered and what came. */
  private Tensor kept(Tensor slots, Tensor more) {
    Tensor last = last(slots.narrow(1, memory.slots() - memory.frames(), memory.frames()), more);
    return memory.reference() ? Torch.cat(1, slots.narrow(1, 0, 1), last) : last;
  }

  /** The last entries along dimension 1, as many as the memory has. */
  private Tensor last(Tensor before, Tensor more) {
    Tensor all = more.size(1) >= memory.frames() ? more : Torch.cat(1, before, more);
    return all.narrow(1, all.size(1) - memory.frames(), memory.frames());
  }
}
