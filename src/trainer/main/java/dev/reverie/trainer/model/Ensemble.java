package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Slices;
import dev.reverie.trainer.nn.Torch;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
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
   * @param frames latents [B, E, C, h, w]
   * @param apart deviation of the members' latents from their mean, as root mean square over a
   *     frame, in the latents' units [B, E]
   */
  public record Chunk(Tensor frames, Tensor apart) {
    /** Returns of each chunk the doubt about the frame that the members disagree about most [B]. */
    public Tensor doubt() {
      return torch.amax(apart, new long[] {1}, false);
    }
  }

  /**
   * Draws the frames after some actions, one window after the other; all members from the same past
   * and the same noise, so that what they differ in is what they have learned.
   *
   * @param actions [B, E, D]
   * @param share of a batch that these rows are
   */
  public Chunk play(Context past, Tensor actions, Share share) {
    List<Tensor> apart = new ArrayList<>();
    Tensor frames =
        members
            .getFirst()
            .play(
                past,
                actions,
                (now, taken) -> {
                  Chunk window = sample(now, taken, share);
                  apart.add(window.apart());
                  return window.frames();
                });
    return new Chunk(frames, Torch.cat(1, apart).narrow(1, 0, frames.size(1)));
  }

  /** The same for a whole batch. */
  public Chunk play(Context past, Tensor actions) {
    return play(past, actions, Share.whole(actions.size(0)));
  }

  private Chunk sample(Context past, Tensor actions, Share share) {
    FlowSample.Draw draw = members.getFirst().draw(past, share);
    List<Tensor> said = members.stream().map(member -> member.sample(past, actions, draw)).toList();
    Tensor all = Torch.stack(0, said.toArray(Tensor[]::new)); // [N, B, K, C, h, w]
    Tensor apart = all.sub(all.mean(new long[] {0}, true, Torch.sameType())).square();
    return new Chunk(
        said.getFirst(), apart.mean(new long[] {0, 3, 4, 5}, false, Torch.sameType()).sqrt());
  }

  /**
   * The doubt about recorded chunks that a share of them stays below.
   *
   * @param recorded episodes that no member has learned from
   * @param quantile the share
   */
  public double limit(Transitions recorded, double quantile) {
    try (var _ = new PointerScope()) {
      return doubts(recorded, recorded.windows()).quantile(quantile).item_double();
    }
  }

  /**
   * The doubt about the chunk after each boundary of recorded episodes; 0 after their end.
   *
   * @return [N, C] of C chunks in the longest episode
   */
  public Tensor doubts(Transitions recorded) {
    long chunks = recorded.data().horizon() / recorded.stride();
    Tensor windows = recorded.windows();
    Scalar stride = new Scalar((long) recorded.stride());
    Tensor boundary = windows.select(1, 1).remainder(stride).eq(new Scalar(0L));
    Tensor at = windows.index_select(0, Torch.positions(boundary));
    Tensor place =
        at.select(1, 0)
            .mul(new Scalar(chunks))
            .add(torch.floor_divide(at.select(1, 1), stride)); // of its chunk in [N, C]
    return torch
        .zeros(recorded.data().episodes() * chunks)
        .index_copy(0, place, doubts(recorded, at))
        .view(-1, chunks);
  }

  /**
   * The doubt about recorded chunks, over the frames before their episode's end: what would follow
   * it no world model has learned.
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
          Chunk chunk = play(past, recorded.actions(these));
          Tensor known = chunk.apart().mul(recorded.alive(these));
          doubts.narrow(0, begin, length).copy_(new Chunk(chunk.frames(), known).doubt());
        });
    return doubts;
  }
}
