package dev.reverie.trainer;

import dev.reverie.trainer.imagination.Imagination;
import dev.reverie.trainer.imagination.PlayedRollouts;
import dev.reverie.trainer.imagination.RolloutStarts;
import dev.reverie.trainer.model.TrainablePolicy;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainLoop;

/**
 * Success of a policy inside the world model from given starts, several rollouts each.
 *
 * @param byStart share of the rollouts of each start that succeed
 * @param rollouts of each start
 */
record ImaginedSuccess(double[] byStart, int rollouts) {
  /**
   * Plays.
   *
   * @param starts each of them as often as the next, in a row
   * @param rollouts of each start
   * @param loop asked now and then whether to stop
   */
  static ImaginedSuccess of(
      Imagination imagination,
      TrainablePolicy policy,
      RolloutStarts starts,
      int rollouts,
      double temperature,
      TrainLoop loop) {
    int count = (int) starts.count();
    int batch = Math.max(1, imagination.beside() / rollouts) * rollouts;
    double[] byStart = new double[count / rollouts];
    for (int begin = 0; begin < count; begin += batch) {
      loop.endIfStopped();
      PlayedRollouts played =
          imagination.play(
              policy, starts.range(begin, Math.min(batch, count - begin)), temperature);
      long[] success = Torch.longs(played.success());
      for (int i = 0; i < success.length; i++) {
        byStart[(begin + i) / rollouts] += (double) success[i] / rollouts;
      }
      played.close();
    }
    return new ImaginedSuccess(byStart, rollouts);
  }
}
