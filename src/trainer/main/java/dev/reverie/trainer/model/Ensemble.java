package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * World models that were aligned separately. Where they have learned the same they agree; where
 * they disagree, none is to be believed. In neither paper.
 *
 * @param members the first of them is the one that imagines
 */
public record Ensemble(List<WorldModel> members) {
  /** Chunks that are imagined at a time. */
  private static final long SLICE = 128;

  /**
   * Chunks as the first member imagines them.
   *
   * @param frames latents [B, n K, C, h, w]
   * @param doubt deviation of the members' latents from their mean, as root mean square over the
   *     window in which it is largest, in the latents' units [B]
   */
  public record Chunk(Tensor frames, Tensor doubt) {}

  /**
   * Draws the frames after some actions, one window after the other; all members from the same past
   * and the same noise, so that what they differ in is what they have learned.
   *
   * @param actions of one or more windows [B, n K, D]
   */
  public Chunk play(Context past, Tensor actions) {
    List<Tensor> doubts = new ArrayList<>();
    Tensor frames =
        members
            .getFirst()
            .play(
                past,
                actions,
                (now, taken) -> {
                  Chunk window = sample(now, taken);
                  doubts.add(window.doubt());
                  return window.frames();
                });
    Tensor all = Torch.stack(0, doubts.toArray(Tensor[]::new)); // [n, B]
    return new Chunk(frames, torch.amax(all, new long[] {0}, false));
  }

  private Chunk sample(Context past, Tensor actions) {
    WorldModel.Draw draw = members.getFirst().draw(past);
    List<Tensor> said = members.stream().map(member -> member.sample(past, actions, draw)).toList();
    Tensor all = Torch.stack(0, said.toArray(Tensor[]::new)); // [N, B, K, C, h, w]
    Tensor apart = all.sub(all.mean(new long[] {0}, true, Torch.sameType())).square();
    Tensor doubt = apart.mean(new long[] {0, 2, 3, 4, 5}, false, Torch.sameType()).sqrt();
    return new Chunk(said.getFirst(), doubt);
  }

  /**
   * The doubt about recorded chunks that a share of them stays below. Of chunks that an episode's
   * end cuts short nothing is asked where there are others: no world model has learned what follows
   * there, and imagination never plays it.
   *
   * @param recorded episodes that no member has learned from
   * @param quantile the share
   */
  public double limit(Transitions recorded, double quantile) {
    try (var _ = new PointerScope()) {
      Tensor windows = recorded.windows();
      Tensor whole = Torch.positions(torch.amin(recorded.alive(windows), new long[] {1}, false));
      Tensor asked = whole.size(0) > 0 ? windows.index_select(0, whole) : windows;
      return doubts(recorded, asked).quantile(quantile).item_double();
    }
  }

  /**
   * The doubt about recorded chunks.
   *
   * @param windows their beginnings [M, 2]
   * @return [M]
   */
  private Tensor doubts(Transitions recorded, Tensor windows) {
    Tensor doubts = torch.zeros(windows.size(0));
    Slices.of(
        windows.size(0),
        SLICE,
        (begin, length) -> {
          Tensor these = windows.narrow(0, begin, length);
          Context past = recorded.context(these, members.getFirst().memory());
          doubts.narrow(0, begin, length).copy_(play(past, recorded.actions(these)).doubt());
        });
    return doubts;
  }
}
