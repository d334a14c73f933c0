package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Share;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;

/** A normal distribution for each value: what is drawn are the actions themselves. */
sealed interface NormalHead extends Head permits GaussianHead, RegressionHead {
  /** The distributions of what is carried out. */
  NormalActions distributions(Graph graph, Tensor first, long executed);

  @Override
  default PolicySample draw(
      Graph graph, Tensor first, long executed, double temperature, Share share) {
    return distributions(graph, first, executed).at(temperature).draw(share);
  }

  @Override
  default Tensor drawn(Tensor actions) {
    return Torch.clamp(actions, -1, 1);
  }
}
