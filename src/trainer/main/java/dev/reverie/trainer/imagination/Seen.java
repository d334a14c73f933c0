package dev.reverie.trainer.imagination;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * What there is to see of B rollouts, from the frame on that a delayed policy sees; the newest
 * last.
 *
 * @param frames [B, delay + 1, 3, H, W], uint8; as recorded at the start, then decoded
 * @param joints in them, and in as many before as the next ones follow from [B, m, J], rad; as
 *     recorded at the start, then as the joint head has them
 */
record Seen(Tensor frames, Tensor joints) {
  /**
   * What a policy would see at the start.
   *
   * @param delay in steps
   * @param memory positions that the next ones follow from
   */
  static Seen at(RolloutStarts starts, int delay, int memory) {
    return new Seen(
        Compute.onDevice(starts.frames(delay)),
        Compute.onDevice(starts.joints(Math.max(delay, memory - 1))));
  }

  /** The pictures that the policy sees of some rollouts [A, 3, H, W], uint8. */
  Tensor pixels(Tensor at) {
    return frames.select(1, 0).index_select(0, at);
  }

  /** The joints in them [A, J], rad. */
  Tensor joints(Tensor at) {
    return joints.select(1, joints.size(1) - frames.size(1)).index_select(0, at);
  }

  /**
   * The same after a chunk in some rollouts.
   *
   * @param at which they are [A], int64
   * @param clips their new frames [A, E, 3, H, W], uint8
   * @param past of these
   * @param actions [A, E, D]
   * @param z latents of the new frames [A, E, C, h, w]
   */
  Seen after(Tensor at, Tensor clips, JointHead head, Context past, Tensor actions, Tensor z) {
    long wanted = Math.min(z.size(1), joints.size(1));
    Tensor moved = head.after(joints.index_select(0, at), past.led(), actions, z, wanted);
    return new Seen(last(frames, at, clips), last(joints, at, moved));
  }

  List<Tensor> tensors() {
    return List.of(frames, joints);
  }

  private static Tensor last(Tensor before, Tensor at, Tensor more) {
    long kept = before.size(1);
    Tensor all = more.size(1) >= kept ? more : Torch.cat(1, before.index_select(0, at), more);
    return before.index_copy(0, at, all.narrow(1, all.size(1) - kept, kept));
  }
}
