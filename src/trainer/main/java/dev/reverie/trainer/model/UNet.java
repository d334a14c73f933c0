package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Context;
import dev.reverie.trainer.data.Course;
import dev.reverie.trainer.nn.Parameters;
import dev.reverie.trainer.nn.Recompute;
import dev.reverie.trainer.nn.Torch;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A small U-Net of two levels. Past and new frames are channels of one picture, an embedding of the
 * whole chunk modulates every block, and every frame's own action its last layer.
 *
 * <p>With {@link Backbone.Modulation#EVERY_BLOCK} the first layer makes a picture for each new
 * frame out of them all, and the blocks have these side by side, each modulated by its own action:
 * as many times the products.
 *
 * <p>Shapes: B samples, K new frames, F pictures that go through the blocks, 1 or K.
 */
final class UNet implements Backbone {
  private final WorldModel.Config config;
  private final int horizon;
  private final int channels;
  private final int pictures; // F
  private final Parameters.Conv in;
  private final Mlp ofActions;
  private final Mlp ofTimes;
  private final Block block1;
  private final Parameters.Conv down;
  private final Block block2;
  private final Block block3;
  private final Block block4;
  private final Parameters.Conv up;
  private final Block block5;
  private final Block block6;
  private final Parameters.GroupNorm outNorm;
  private final Mlp ofFrame;
  private final Tensor frameOffsets;
  private final Parameters.Conv out;

  /**
   * Creates an untrained one.
   *
   * @param parameters that it adds its own to
   * @param horizon K
   * @param actionDimensions D
   * @param joints J that it is told of
   * @param channels C
   */
  UNet(
      Parameters parameters,
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels) {
    this.config = config;
    this.horizon = horizon;
    this.channels = channels;
    pictures = config.modulation().pictures(horizon);
    long fine = config.width();
    long coarse = 2L * fine;
    long e = config.embedding();
    long slots = config.memory().slots();
    long shown = (slots + horizon) * (channels + config.drawn());
    in = parameters.conv("inp", shown, pictures * fine, 3, 1, 1);
    long retained = config.memoryActions() ? (long) config.memoryFrames() * actionDimensions : 0;
    long told = Backbone.told(actionDimensions, joints);
    ofActions = Mlp.of(parameters, "act", horizon / pictures * told + retained, e, e);
    ofTimes = Mlp.of(parameters, "tim", 2, 64, e);
    block1 = new Block(parameters, "r1", fine, fine, e);
    down = parameters.conv("dn", fine, coarse, 3, 2, 1);
    block2 = new Block(parameters, "r2", coarse, coarse, e);
    block3 = new Block(parameters, "r3", coarse, coarse, e);
    block4 = new Block(parameters, "r4", coarse, coarse, e);
    up = parameters.conv("up", coarse, 4 * fine, 1, 1, 0);
    block5 = new Block(parameters, "r5", 2 * fine, fine, e);
    block6 = new Block(parameters, "r6", fine, fine, e);
    outNorm = parameters.groupNorm("no", 8, fine);
    ofFrame = Mlp.of(parameters, "fa", told, 64, 2 * fine);
    out = parameters.conv("out", fine, channels, 3, 1, 1);
    frameOffsets = parameters.parameter("jf", Torch.times(torch.randn(horizon, 2 * fine), 0.3));
    // The untrained model says: nothing moves.
    Torch.noGrad(
        () -> {
          out.weight().zero_();
          out.bias().zero_();
        });
  }

  @Override
  public Given given(Context past, Course course, Tensor masks, Tensor level) {
    return (z, tau) -> predict(z, past, course, masks, tau, level);
  }

  private Tensor predict(
      Tensor z, Context past, Course course, Tensor masks, Tensor tau, Tensor level) {
    long batch = z.size(0);
    Tensor moves = Backbone.told(course, past.newestJoints()); // [B, K, 2 D + 2 J]
    Tensor times =
        Torch.stack(1, Torch.plus(Torch.times(tau, 2), -1), Torch.plus(Torch.times(level, 5), -1));
    Tensor ahead = pictures == 1 ? moves.flatten(1, 2) : moves.flatten(0, 1); // [B F, ...]
    Tensor known =
        config.memoryActions() ? Torch.cat(1, ahead, each(past.actions().flatten(1, 2))) : ahead;
    Tensor e = torch.silu(ofActions.apply(known).add(each(ofTimes.apply(times))));
    Tensor fine =
        in.apply(Torch.cat(1, past.frames().flatten(1, 2), z.flatten(1, 2), masks.flatten(1, 2)));
    fine = through(block1, fine.unflatten(1, pictures, config.width()).flatten(0, 1), e);
    Tensor h = through(block2, down.apply(fine), e); // [B F, 2 width, h/2, w/2]
    h = torch.pixel_shuffle(up.apply(through(block4, through(block3, h, e), e)), 2);
    h = through(block6, through(block5, Torch.cat(1, h, fine), e), e);
    Tensor film =
        ofFrame.apply(moves).add(frameOffsets).unsqueeze(-1).unsqueeze(-1); // [B, K, 2 width, 1, 1]
    Tensor frames =
        Recompute.of(in -> List.of(frames(in.getFirst(), in.getLast())), h, film).getFirst();
    return frames.view(batch, horizon, channels, z.size(3), z.size(4));
  }

  private static Tensor through(Block block, Tensor x, Tensor e) {
    return Recompute.of(in -> List.of(block.apply(in.getFirst(), in.getLast())), x, e).getFirst();
  }

  /** The same for each of a sample's pictures. */
  private Tensor each(Tensor ofSamples) {
    return pictures == 1 ? ofSamples : Torch.repeatEach(ofSamples, pictures);
  }

  /** Every frame out of its picture, or of what all have in common, [B K, C, h, w]. */
  private Tensor frames(Tensor seen, Tensor film) {
    Tensor h = outNorm.apply(seen).unflatten(0, film.size(0), pictures); // [B, F, width, h, w]
    Tensor scale = Torch.plus(film.narrow(2, 0, config.width()), 1);
    h = torch.silu(h.mul(scale).add(film.narrow(2, config.width(), config.width())));
    return out.apply(h.flatten(0, 1));
  }

  /** A residual block that an embedding modulates (FiLM, arXiv 1709.07871). */
  private static final class Block {
    private final Parameters.GroupNorm norm1;
    private final Parameters.Conv conv1;
    private final Parameters.GroupNorm norm2;
    private final Parameters.Linear film;
    private final Parameters.Conv conv2;
    private final Parameters.Conv[] skip;
    private final long out;

    Block(Parameters parameters, String name, long in, long out, long embedding) {
      this.out = out;
      norm1 = parameters.groupNorm(name + ".n1", 8, in);
      conv1 = parameters.conv(name + ".c1", in, out, 3, 1, 1);
      norm2 = parameters.groupNorm(name + ".n2", 8, out);
      film = parameters.linear(name + ".f", embedding, 2 * out);
      conv2 = parameters.conv(name + ".c2", out, out, 3, 1, 1);
      skip =
          in == out
              ? new Parameters.Conv[0]
              : new Parameters.Conv[] {parameters.conv(name + ".sk", in, out, 1, 1, 0)};
      Torch.noGrad(() -> conv2.weight().zero_());
    }

    /** x [B, in, h, w], e [B, embedding]. */
    Tensor apply(Tensor x, Tensor e) {
      Tensor h = norm2.apply(conv1.apply(torch.silu(norm1.apply(x))));
      Tensor ab = film.apply(e).unsqueeze(-1).unsqueeze(-1);
      h = h.mul(Torch.plus(ab.narrow(1, 0, out), 1)).add(ab.narrow(1, out, out));
      Tensor straight = Arrays.stream(skip).findFirst().map(s -> s.apply(x)).orElse(x);
      return straight.add(conv2.apply(torch.silu(h)));
    }
  }
}
