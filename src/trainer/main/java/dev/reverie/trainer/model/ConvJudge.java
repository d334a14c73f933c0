package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Three convolutions over the frames of a clip as channels of one picture.
 *
 * <p>The instruction modulates two layers (FiLM). On one layer, and with few clips under a wrong
 * instruction, it learned to ignore the instruction, and "insert it anywhere" was rewarded.
 */
final class ConvJudge implements ClipJudge {
  private final long c;
  private final Parameters.Conv conv1;
  private final Parameters.Conv conv2;
  private final Parameters.Conv conv3;
  private final Parameters.Embedding film;
  private final Parameters.Linear hidden;
  private final Parameters.Linear out;

  /**
   * Creates an untrained one.
   *
   * @param parameters that it adds its own to
   * @param width channels of the first layer
   * @param horizon K
   * @param pixels H * W of a frame
   * @param tasks how many there are; it knows these only
   */
  ConvJudge(Parameters parameters, int width, int horizon, int pixels, long tasks) {
    c = width;
    conv1 = parameters.conv("c1", 3L * horizon, c, 3, 2, 1);
    conv2 = parameters.conv("c2", c, 2 * c, 3, 2, 1);
    conv3 = parameters.conv("c3", 2 * c, 2 * c, 3, 2, 1);
    film = parameters.embedding("emb", tasks, 6 * c);
    hidden = parameters.linear("f1", 2 * c * pixels / 64, 64);
    out = parameters.linear("o", 64, 1);
  }

  @Override
  public Tensor logits(Tensor clips, Tensor task) {
    Tensor f = film.apply(task).unsqueeze(-1).unsqueeze(-1); // [B, 6c, 1, 1]
    Tensor h = conv1.apply(clips.flatten(1, 2));
    h = torch.silu(h.mul(Torch.plus(f.narrow(1, 0, c), 1)).add(f.narrow(1, c, c)));
    h = conv2.apply(h);
    h = torch.silu(h.mul(Torch.plus(f.narrow(1, 2 * c, 2 * c), 1)).add(f.narrow(1, 4 * c, 2 * c)));
    h = torch.silu(conv3.apply(h)).flatten(1, -1);
    return out.apply(torch.silu(hidden.apply(h))).squeeze(1);
  }
}
