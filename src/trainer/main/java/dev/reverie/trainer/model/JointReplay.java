package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Float;

import dev.reverie.trainer.data.Dataset;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The joints as they would be in imagination, while recorded actions are carried out in it from the
 * first real frame on, beside where they were.
 */
public final class JointReplay {
  private JointReplay() {}

  /**
   * Distances between the two, over all joints of the episodes that go on at that frame.
   *
   * @param medianRad median of the absolute errors, rad
   * @param mostRad what 95 % of them stay below, rad
   */
  public record Apart(double medianRad, double mostRad) {}

  /**
   * Follows the episodes.
   *
   * @param depths numbers of frames, from 1
   */
  public static SequencedMap<Integer, Apart> of(
      Transitions episodes, WorldModel worldModel, JointHead head, int... depths) {
    SequencedMap<Integer, Apart> result = new LinkedHashMap<>();
    try (var _ = new PointerScope()) {
      Tensor apart = path(episodes, worldModel, head).sub(episodes.data().joints()).abs();
      for (int depth : depths) {
        Tensor alive = Torch.positions(episodes.data().steps().ge(new Scalar((long) depth)));
        if (alive.size(0) > 0) {
          Tensor errors = apart.select(1, depth).index_select(0, alive).flatten();
          result.put(
              depth,
              new Apart(errors.quantile(0.5).item_double(), errors.quantile(0.95).item_double()));
        }
      }
    }
    return result;
  }

  /** Returns where the joints would be, from the first real frame on, [N, T+1, J]. */
  private static Tensor path(Transitions episodes, WorldModel worldModel, JointHead head) {
    Dataset data = episodes.data();
    Tensor path = Torch.zeros(Float, Torch.shape(data.joints()));
    path.select(1, 0).copy_(data.joints().select(1, 0));
    OpenLoopReplay.imagine(
        episodes,
        worldModel,
        (begin, step, past, actions, z) -> {
          Tensor these = path.narrow(0, begin, z.size(0));
          Tensor is = these.narrow(1, step, 1);
          Tensor was = these.narrow(1, Math.max(0, step - 1), 1);
          long k = z.size(1);
          these
              .narrow(1, step + 1L, k)
              .copy_(
                  head.after(Compute.onDevice(Torch.cat(1, was, is)), past.led(), actions, z, k));
        });
    return path;
  }
}
