package dev.reverie.trainer.model;

import static org.bytedeco.pytorch.global.torch.ScalarType.Long;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Transitions;
import dev.reverie.trainer.nn.Compute;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The imagination of one rollout, and how unsure it is. Several world models are asked how far they
 * disagree, as an {@link Ensemble}; of a single one a few draws are compared, which tells what it
 * leaves open, and not where it is wrong and sure of it. In neither paper.
 *
 * @param ensemble of one world model or more, the first of which imagines
 * @param draws of a single one, 2 or more; the first is what is imagined
 */
public record Belief(Ensemble ensemble, int draws) {
  /** Recorded chunks that are looked at to tell what is usual, at most. */
  private static final int USUAL = 16;

  public Belief {
    if (draws < 2) {
      throw new IllegalArgumentException("draws is " + draws + "; give 2 or more");
    }
  }

  /** The world model that imagines. */
  public WorldModel worldModel() {
    return ensemble.members().getFirst();
  }

  /** Returns whether it is world models that are compared, and not draws of one. */
  public boolean ofModels() {
    return ensemble.members().size() > 1;
  }

  /**
   * Imagines the frames after some actions.
   *
   * @param past of one rollout
   * @param actions [1, E, D]
   */
  public Ensemble.Chunk play(Context past, Tensor actions) {
    if (ofModels()) {
      return ensemble.play(past, actions);
    }
    Tensor alike = Compute.onDevice(Torch.zeros(Long, draws));
    Tensor drawn =
        worldModel().play(past.select(alike), actions.index_select(0, alike)); // [N, E, C, h, w]
    Tensor apart = drawn.sub(drawn.mean(new long[] {0}, true, Torch.sameType())).square();
    return new Ensemble.Chunk(
        drawn.narrow(0, 0, 1),
        apart.mean(new long[] {0, 2, 3, 4}, false, Torch.sameType()).sqrt().unsqueeze(0));
  }

  /**
   * Returns how unsure it is at most about the frames of a recorded episode after its own actions,
   * from chunk boundary to chunk boundary.
   *
   * @param episode its place
   * @return 0 where nothing was done in it
   */
  public double usual(Transitions recorded, long episode) {
    try (var _ = new PointerScope()) {
      Tensor all = recorded.windows();
      Tensor boundary =
          all.select(1, 0)
              .eq(new Scalar(episode))
              .bitwise_and(
                  all.select(1, 1)
                      .remainder(new Scalar((long) recorded.stride()))
                      .eq(new Scalar(0L)));
      Tensor windows = all.index_select(0, Torch.positions(boundary));
      long many = windows.size(0);
      long every = Math.max(1, Math.ceilDiv(many, USUAL));
      double most = 0;
      for (long i = 0; i < many; i += every) {
        most = Math.max(most, doubt(recorded, windows.narrow(0, i, 1)));
      }
      return most;
    }
  }

  private double doubt(Transitions recorded, Tensor window) {
    Tensor apart =
        Torch.noGrad(
            () ->
                play(recorded.context(window, worldModel().memory()), recorded.actions(window))
                    .apart()
                    .mul(recorded.alive(window)));
    return apart.max().item_double();
  }
}
