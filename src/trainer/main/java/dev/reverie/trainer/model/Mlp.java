package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Two linear layers with SiLU between them. */
record Mlp(Parameters.Linear first, Parameters.Linear second) {
  static Mlp of(Parameters parameters, String name, long in, long hidden, long out) {
    return new Mlp(
        parameters.linear(name + ".0", in, hidden), parameters.linear(name + ".2", hidden, out));
  }

  Tensor apply(Tensor x) {
    return second.apply(torch.silu(first.apply(x)));
  }
}
