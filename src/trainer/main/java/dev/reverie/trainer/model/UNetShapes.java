package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Pass.Layer;

/** The {@link UNet} counted from its settings. */
final class UNetShapes {
  private UNetShapes() {}

  static Shapes.OfWorldModel of(
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      int height,
      int width) {
    long fine = config.width();
    long coarse = 2 * fine;
    long e = config.embedding();
    int slots = config.memory().slots();
    int pictures = config.modulation().pictures(horizon);
    double cells = (double) height * width;
    long retained = config.memoryActions() ? (long) config.memoryFrames() * actionDimensions : 0;
    Layer in =
        new Layer((slots + horizon) * ((long) channels + config.drawn()), pictures * fine, 3);
    Layer down = new Layer(fine, coarse, 3);
    Layer up = Layer.linear(coarse, 4 * fine);
    Layer out = new Layer(fine, channels, 3);
    long told = Backbone.told(actionDimensions, joints);
    Shapes actions = mlp(horizon / pictures * told + retained, e, e, pictures);
    Shapes times = mlp(2, 64, e, 1);
    Shapes frames = mlp(told, 64, 2 * fine, horizon);
    Shapes first = block(fine, fine, e, cells);
    Shapes low = block(coarse, coarse, e, cells / 4);
    Shapes joined = block(2 * fine, fine, e, cells);
    long parameters =
        in.parameters()
            + down.parameters()
            + up.parameters()
            + out.parameters()
            + actions.parameters()
            + times.parameters()
            + frames.parameters()
            + 2 * first.parameters()
            + 3 * low.parameters()
            + joined.parameters()
            + 2 * fine // the last norm
            + horizon * 2L * fine; // offsets of the frames
    Pass blocks = first.pass().times(2).plus(low.pass().times(3)).plus(joined.pass());
    Pass pass =
        in.over(cells)
            .plus(down.over(pictures * cells / 4))
            .plus(up.over(pictures * cells / 4))
            .plus(out.over(horizon * cells))
            .plus(actions.pass())
            .plus(times.pass())
            .plus(frames.pass())
            .plus(blocks.times(pictures))
            // Frames in one picture, the shuffle, the two levels joined, the last norm; then each
            // frame's scale, shift and activation.
            .plus(
                Pass.numbers(
                    (slots + horizon) * (channels + config.drawn()) * cells
                        + 4L * pictures * fine * cells))
            .plus(Pass.numbers(3.0 * horizon * fine * cells));
    // The frames' last layer is a block too; one that is computed again gives what it gave again.
    Pass last = Pass.numbers(3.0 * horizon * fine * cells).plus(out.over(horizon * cells));
    double ends =
        pictures * (3 * fine * cells + 3 * coarse * cells / 4) + horizon * channels * cells;
    double block = Math.max(pictures * joined.pass().numbers(), last.numbers());
    double rest = pass.numbers() - pictures * blocks.numbers() - last.numbers();
    return new Shapes.OfWorldModel(
        parameters, Pass.NONE, pass, ends, block, rest, ends + block + rest);
  }

  private static Shapes block(long in, long out, long embedding, double cells) {
    Layer first = new Layer(in, out, 3);
    Layer second = new Layer(out, out, 3);
    Layer film = Layer.linear(embedding, 2 * out);
    Layer skip = Layer.linear(in, out);
    boolean skips = in != out;
    return new Shapes(
        2 * in
            + first.parameters()
            + 2 * out
            + film.parameters()
            + second.parameters()
            + (skips ? skip.parameters() : 0),
        first
            .over(cells)
            .plus(second.over(cells))
            .plus(film.over(1))
            .plus(skips ? skip.over(cells) : Pass.NONE)
            // Norm and activation before; norm, scale, shift, activation and sum after.
            .plus(Pass.numbers((2 * in + 5 * out) * cells)));
  }

  private static Shapes mlp(long in, long hidden, long out, double rows) {
    Layer first = Layer.linear(in, hidden);
    Layer second = Layer.linear(hidden, out);
    return new Shapes(
        first.parameters() + second.parameters(),
        first.over(rows).plus(second.over(rows)).plus(Pass.numbers(hidden * rows)));
  }
}
