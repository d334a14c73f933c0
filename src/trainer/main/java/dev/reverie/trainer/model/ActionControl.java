package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Bool;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Measures how much a world model heeds the actions: one that ignores them looks fine frame by
 * frame, and teaches a policy nothing. Distances are root mean squares over the latents of a
 * chunk's last frame, and the noise is the same on both sides.
 *
 * @param opposite how far the imagined ends of one start are apart under the recorded actions and
 *     under their opposites
 * @param moved how far the recorded ends are from their starts
 * @param pairs of recorded chunks whose starts are much nearer to each other than their ends
 * @param imaginedApart how far the imagined ends are apart from one start of each pair under the
 *     actions of both; 0 without pairs
 * @param realApart how far the recorded ends of each pair are apart beyond their starts; 0 without
 *     pairs
 */
public record ActionControl(
    double opposite, double moved, int pairs, double imaginedApart, double realApart) {
  /** Chunks that are looked at, at most. */
  private static final int CHUNKS = 512;

  /** Starts are near where they are at most this share of the ends apart. */
  private static final double NEAR = 0.5;

  /** Measures it on recorded episodes. Uses the generator; seed it again after. */
  public static ActionControl of(Transitions recorded, WorldModel worldModel) {
    try (var _ = new PointerScope()) {
      Tensor windows = spread(recorded.windows());
      Context past = recorded.context(windows, worldModel.memory());
      Tensor actions = recorded.actions(windows);
      Tensor start = past.newest().squeeze(1);
      Tensor end = last(recorded.next(windows));
      Tensor imagined = imagined(worldModel, past, actions);
      double opposite = apart(imagined, imagined(worldModel, past, actions.neg()));
      Tensor other = nearest(start, windows.select(1, 0));
      Tensor starts = distances(start, start.index_select(0, other));
      Tensor ends = distances(end, end.index_select(0, other));
      Tensor allowed = Torch.positions(starts.le(Torch.times(ends, NEAR)));
      int pairs = (int) allowed.size(0);
      if (pairs == 0) {
        return new ActionControl(opposite, apart(start, end), 0, 0, 0);
      }
      Tensor theirs = imagined(worldModel, past, actions.index_select(0, other));
      Tensor beyond = ends.square().sub(starts.square()).index_select(0, allowed);
      return new ActionControl(
          opposite,
          apart(start, end),
          pairs,
          apart(imagined.index_select(0, allowed), theirs.index_select(0, allowed)),
          Math.sqrt(beyond.mean().item_double()));
    }
  }

  /** Returns what the opposite actions change, in units of what the recorded ones did. */
  public double share() {
    return moved == 0 ? 1 : opposite / moved;
  }

  /** Tells whether the world model goes its own way whatever is done. */
  public boolean collapsed(double limit) {
    return share() < limit;
  }

  /**
   * Refuses a world model that ignores actions.
   *
   * @param limit least share
   * @throws TrainerException with the figures
   */
  public void check(double limit) {
    if (collapsed(limit)) {
      throw new TrainerException(
          String.format(
              Locale.ROOT,
              "the world model has collapsed: the opposite actions change what it imagines by %.3f, and the recorded frames move by %.3f, so it ignores actions (%.2f, where audit.control asks for %.2f) and nothing can be learned in it; train it longer (worldModel.steps, worldModel.alignSteps), or look whether the recorded actions are those that the arm carried out",
              opposite,
              moved,
              share(),
              limit));
    }
  }

  /** Some at even distances. */
  private static Tensor spread(Tensor windows) {
    long every = Math.ceilDiv(windows.size(0), (long) CHUNKS);
    Tensor at = torch.arange(new Scalar(0L), new Scalar(windows.size(0)), new Scalar(every));
    return windows.index_select(0, at);
  }

  /** The row of another episode that is nearest to each, [M]. */
  private static Tensor nearest(Tensor rows, Tensor episode) {
    Tensor flat = rows.flatten(1, -1);
    Tensor same = episode.unsqueeze(0).eq(episode.unsqueeze(1)).to(Bool);
    Tensor far =
        torch.cdist(flat, flat).masked_fill(Compute.onDevice(same), new Scalar(Float.MAX_VALUE));
    return torch.argmin(far, new LongOptional(1), false);
  }

  private static Tensor imagined(WorldModel worldModel, Context past, Tensor actions) {
    Torch.seed(1, "action_control");
    return last(worldModel.sample(past, actions));
  }

  private static Tensor last(Tensor frames) {
    return frames.select(1, frames.size(1) - 1);
  }

  /** Returns the distance of each row, [M]. */
  private static Tensor distances(Tensor a, Tensor b) {
    return a.sub(b).square().flatten(1, -1).mean(new long[] {1}, false, Torch.sameType()).sqrt();
  }

  private static double apart(Tensor a, Tensor b) {
    return a.sub(b).square().mean().sqrt().item_double();
  }
}
