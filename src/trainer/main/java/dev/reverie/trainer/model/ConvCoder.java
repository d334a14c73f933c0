package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Parameters;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A few convolutions, which halve or double a picture by moving its places into channels. */
final class ConvCoder implements FrameCoder {
  private final Parameters.Conv encode1;
  private final Parameters.Conv encode2;
  private final Parameters.Conv encode3;
  private final Parameters.Conv decode1;
  private final Parameters.Conv decode2;
  private final Parameters.Conv decode3;
  private final Parameters.Conv decode4;

  /**
   * Creates an untrained one.
   *
   * @param parameters that it adds its own to
   * @param c channels of a latent
   */
  ConvCoder(Parameters parameters, long c) {
    // Numbered as torch.nn.Sequential counts them, pixel shuffles and activations included.
    encode1 = parameters.conv("e.1", 12, 48, 4, 2, 1);
    encode2 = parameters.conv("e.3", 48, 48, 3, 1, 1);
    encode3 = parameters.conv("e.5", 48, 2 * c, 1, 1, 0);
    decode1 = parameters.conv("d.0", c, 64, 3, 1, 1);
    decode2 = parameters.conv("d.2", 64, 64, 3, 1, 1);
    decode3 = parameters.conv("d.4", 64, 96, 1, 1, 0);
    decode4 = parameters.conv("d.7", 24, 12, 3, 1, 1);
  }

  @Override
  public Tensor posterior(Tensor images) {
    Tensor h = torch.silu(encode1.apply(torch.pixel_unshuffle(images, 2))); // [B, 48, H/4, W/4]
    return encode3.apply(torch.silu(encode2.apply(h)));
  }

  @Override
  public Tensor decode(Tensor z) {
    Tensor h = torch.silu(decode1.apply(z));
    h = torch.silu(decode2.apply(h));
    h = torch.silu(torch.pixel_shuffle(decode3.apply(h), 2)); // [B, 24, H/2, W/2]
    return torch.pixel_shuffle(decode4.apply(h), 2);
  }
}
