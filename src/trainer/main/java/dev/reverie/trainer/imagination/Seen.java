package dev.reverie.trainer.imagination;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.model.JointHead;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Pictures and joints of B rollouts, from the oldest frame on that a delayed policy sees; the
 * newest last.
 *
 * @param frames [B, oldest + delay + 1, 3, H, W], uint8; as recorded at the start, then decoded
 * @param joints in them, and in as many before as the next ones follow from [B, m, J], rad; as
 *     recorded at the start, then as the joint head has them
 * @param led the actions since what a delayed policy sees, the newest last [B, delay, D]
 * @param ages steps before the policy's present of what it sees, 0 among them, rising
 */
record Seen(Tensor frames, Tensor joints, Tensor led, List<Integer> ages) {
  /**
   * Returns what a policy would see at the start.
   *
   * @param delay in steps
   * @param memory positions that the next ones follow from
   */
  static Seen at(RolloutStarts starts, int delay, int memory, List<Integer> ages) {
    int before = ages.getLast() + delay;
    return new Seen(
        Compute.onDevice(starts.frames(before)),
        Compute.onDevice(starts.joints(Math.max(before, memory - 1))),
        Compute.onDevice(starts.actions(delay)),
        ages);
  }

  /**
   * The pictures that the policy sees of some rollouts [A, 3, H, W], uint8; where it sees earlier
   * ones too [A, its ages, 3, H, W], the oldest first.
   */
  Tensor pixels(Tensor at) {
    return seen(frames, 0, at);
  }

  /** The joints in them [A, J] or [A, its ages, J], rad. */
  Tensor joints(Tensor at) {
    return seen(joints, joints.size(1) - frames.size(1), at);
  }

  /**
   * The actions that some rollouts carry out between what the policy sees and its chunk, the first
   * of them first, 0 behind them [A, delay, D].
   *
   * @param count how many they are [A], int64
   */
  Tensor ahead(Tensor at, Tensor count) {
    Tensor these = led.index_select(0, at);
    long delay = these.size(1);
    if (delay == 0) {
      return these;
    }
    Tensor row = Compute.onDevice(Torch.range(0, delay)).unsqueeze(0);
    Tensor from = row.sub(count.unsqueeze(1)).add(new Scalar(delay)); // the last of them are meant
    Tensor within = torch.clamp_max(from, new Scalar(delay - 1));
    return these
        .gather(1, within.unsqueeze(2).expand_as(these))
        .mul(row.lt(count.unsqueeze(1)).unsqueeze(2));
  }

  private Tensor seen(Tensor all, long first, Tensor at) {
    long present = first + ages.getLast();
    Tensor[] instants =
        ages.reversed().stream()
            .map(age -> all.select(1, present - age).index_select(0, at))
            .toArray(Tensor[]::new);
    return instants.length == 1 ? instants[0] : Torch.stack(1, instants);
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
    return new Seen(last(frames, at, clips), last(joints, at, moved), last(led, at, actions), ages);
  }

  List<Tensor> tensors() {
    return List.of(frames, joints, led);
  }

  private static Tensor last(Tensor before, Tensor at, Tensor more) {
    return before.index_copy(0, at, last(before.index_select(0, at), more));
  }

  /** The last of what was before and what came, as many as were before. */
  static Tensor last(Tensor before, Tensor more) {
    long kept = before.size(1);
    Tensor all = more.size(1) >= kept ? more : Torch.cat(1, before, more);
    return all.narrow(1, all.size(1) - kept, kept);
  }
}
