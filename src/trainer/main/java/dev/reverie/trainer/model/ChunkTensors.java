package dev.reverie.trainer.model;

import dev.reverie.policy.ChunkLayout;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/**
 * Actions in [-1, 1], [B, K, D], and the graph's chunks, [B, K', D'], by a policy's layout.
 *
 * @param layout where the actions lie in the graph's chunk, and what its values mean
 */
record ChunkTensors(ChunkLayout layout) {
  /** Returns what belongs to the actions, [B, K, D, ..] of [B, K', D', ..]. */
  Tensor part(Tensor whole) {
    Tensor rows = layout.skip() == 0 ? whole : whole.narrow(1, layout.skip(), layout.horizon());
    return layout.width() == layout.dimensions() ? rows : rows.narrow(2, 0, layout.dimensions());
  }

  /** Actions, not bounded, of the graph's values for them, [.., D]. */
  Tensor actions(Tensor values) {
    return layout.isScaled()
        ? values.mul(numbers(layout.factor())).add(numbers(layout.offset()))
        : values;
  }

  /** Logs of standard deviations of actions, of those of the graph's values, [.., D]. */
  Tensor logSd(Tensor values) {
    if (!layout.isScaled()) {
      return values;
    }
    return values.add(numbers(layout.factor()).abs().log());
  }

  /** The graph's values for actions, [.., D]. */
  Tensor values(Tensor actions) {
    return layout.isScaled()
        ? actions.sub(numbers(layout.offset())).div(numbers(layout.factor()))
        : actions;
  }

  /**
   * The graph's chunk for actions: before the first it stands still, and what lies beside them is
   * 0.
   *
   * @param actions [B, K, D]
   */
  Tensor whole(Tensor actions) {
    Tensor values = values(actions);
    if (layout.skip() > 0) {
      Tensor first = values.narrow(1, 0, 1).expand(-1, layout.skip(), -1);
      values = Torch.cat(1, first, values);
    }
    long missing = layout.width() - (long) layout.dimensions();
    return missing == 0
        ? values
        : Torch.cat(
            2, values, Compute.onDevice(Torch.full(0, values.size(0), layout.rows(), missing)));
  }

  private static Tensor numbers(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return Compute.onDevice(Torch.of(floats, floats.length));
  }
}
