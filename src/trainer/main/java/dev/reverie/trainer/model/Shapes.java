package dev.reverie.trainer.model;

import dev.reverie.trainer.data.Canvas;
import dev.reverie.trainer.nn.Pass;
import java.util.List;

/**
 * A network counted from its settings: nothing of it is allocated.
 *
 * @param parameters that are trained
 * @param pass of one sample
 */
public record Shapes(long parameters, Pass pass) {
  /**
   * The shapes of a world model, for a chunk.
   *
   * @param parameters that are trained
   * @param given what it makes of the past, once a chunk
   * @param predicted what it makes of noisy frames, at every flow time
   * @param ends numbers that go in and come out of its blocks, of a training sample
   * @param block those that the largest of them leaves between
   * @param rest those that are left beside the blocks
   * @param drawn those that are there at most while a chunk is imagined, where all but what a block
   *     gives is freed when it is done
   */
  public record OfWorldModel(
      long parameters,
      Pass given,
      Pass predicted,
      double ends,
      double block,
      double rest,
      double drawn) {
    /** Bytes that may be there of chunks that are imagined side by side. */
    private static final double DRAWN_BYTES = 4.0 * (1L << 30);

    /** One without blocks: nothing of it is computed again, or freed before it is done. */
    static OfWorldModel whole(long parameters, Pass given, Pass predicted) {
      double all = given.plus(predicted).numbers();
      return new OfWorldModel(parameters, given, predicted, 0, 0, all, all);
    }

    /** Rollouts whose chunk is imagined at a time at most: of a large network one after another. */
    public long beside() {
      return Math.max(1, (long) (DRAWN_BYTES / Float.BYTES / drawn));
    }

    /**
     * The same with its loss.
     *
     * @param frame numbers of a latent
     */
    private OfWorldModel withLoss(WorldModel.Config config, int horizon, double frame) {
      int slots = config.memory().slots();
      // Past and frames with noise, the target, and their errors.
      Pass loss = Pass.numbers((4.0 * slots + 9.0 * horizon) * frame);
      return new OfWorldModel(
          parameters, given, predicted.plus(loss), ends, block, rest + loss.numbers(), drawn);
    }

    /** One training sample, with its loss. */
    public Pass trained() {
      return given.plus(predicted);
    }

    /** One training sample whose blocks are computed again in the pass back. */
    public Pass trainedAgain() {
      Pass once = trained();
      if (block == 0) {
        return once;
      }
      // Three passes' work in a training step are four then; attention's three and a half too.
      return new Pass(4.0 / 3 * once.flops(), 4.5 / 3.5 * once.attention(), ends + block + rest);
    }

    /** A chunk that is imagined. */
    public Pass sampled(int evaluations) {
      return given.plus(predicted.times(evaluations));
    }
  }

  /**
   * The world model.
   *
   * @param horizon K
   * @param actionDimensions D
   * @param joints J of the arm
   * @param channels C
   * @param height h of a latent
   * @param width w of a latent
   */
  public static OfWorldModel worldModel(
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      int height,
      int width) {
    int told = config.told(joints);
    OfWorldModel network =
        switch (config.backbone()) {
          case UNET ->
              UNetShapes.of(config, horizon, actionDimensions, told, channels, height, width);
          case TRANSFORMER ->
              TransformerShapes.of(
                  config, horizon, actionDimensions, told, channels, height, width);
        };
    return network.withLoss(config, horizon, (double) channels * height * width);
  }

  /** The world model whose network is the user's graph. */
  public static OfWorldModel worldModel(
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      Canvas canvas,
      OwnGraph graph) {
    GraphBackbone own =
        new GraphBackbone(
            graph, config, horizon, actionDimensions, config.told(joints), channels, canvas);
    OfWorldModel network = own.counted();
    own.close();
    return network.withLoss(
        config, horizon, (double) channels * canvas.pixels() / FrameVae.PIXELS_A_CELL);
  }

  /**
   * The shapes of an auto-encoder, for a picture.
   *
   * @param parameters that are trained
   * @param encoded a picture to a latent
   * @param decoded a latent to a picture
   * @param trained both, and their loss
   */
  public record OfVae(long parameters, Pass encoded, Pass decoded, Pass trained) {
    /** Counts it with the loss of pictures of so many pixels. */
    static OfVae of(long parameters, Pass encoded, Pass decoded, int channels, int pixels) {
      // The picture in three forms, its error in three, mean and deviation of the latent.
      Pass loss = Pass.numbers(19.0 * pixels + 12.0 * channels * pixels / 16);
      return new OfVae(parameters, encoded, decoded, encoded.plus(decoded).plus(loss));
    }
  }

  /**
   * The auto-encoder.
   *
   * @param pixels of a picture, all views of it
   */
  public static OfVae vae(FrameVae.Config config, int pixels) {
    long parameters =
        encoder(config).stream().mapToLong(Pass.Layer::parameters).sum()
            + decoder(config).stream().mapToLong(Pass.Layer::parameters).sum();
    return OfVae.of(
        parameters, encoded(config, pixels), decoded(config, pixels), config.channels(), pixels);
  }

  /** The auto-encoder whose network is the user's graph. */
  public static OfVae vae(FrameVae.Config config, Canvas canvas, OwnGraph graph) {
    GraphCoder own = new GraphCoder(graph, config.channels(), canvas);
    OfVae shapes =
        OfVae.of(
            own.parameters().count(),
            own.encoded(),
            own.decoded(),
            config.channels(),
            canvas.pixels());
    own.close();
    return shapes;
  }

  /** A picture to a latent. */
  private static Pass encoded(FrameVae.Config config, int pixels) {
    double cells = pixels / 16.0;
    return encoder(config).stream()
        .map(layer -> layer.over(cells))
        .reduce(Pass.numbers(3.0 * pixels + (48 + 48) * cells), Pass::plus);
  }

  /** A latent to a picture. */
  private static Pass decoded(FrameVae.Config config, int pixels) {
    double cells = pixels / 16.0;
    double shuffled = (64 + 64 + 96 + 96) * cells; // two activations, the first shuffle and its
    Pass last = decoder(config).getLast().over(pixels / 4.0);
    return decoder(config).stream()
        .limit(3)
        .map(layer -> layer.over(cells))
        .reduce(last.plus(Pass.numbers(shuffled + 3.0 * pixels)), Pass::plus);
  }

  private static List<Pass.Layer> encoder(FrameVae.Config config) {
    return List.of(
        new Pass.Layer(12, 48, 4),
        new Pass.Layer(48, 48, 3),
        Pass.Layer.linear(48, 2L * config.channels()));
  }

  private static List<Pass.Layer> decoder(FrameVae.Config config) {
    return List.of(
        new Pass.Layer(config.channels(), 64, 3),
        new Pass.Layer(64, 64, 3),
        Pass.Layer.linear(64, 96),
        new Pass.Layer(24, 12, 3));
  }

  /**
   * The reward classifier, for a clip.
   *
   * @param horizon K
   * @param pixels of a picture
   */
  public static Shapes classifier(
      RewardClassifier.Config config, int horizon, int pixels, int instructions) {
    long c = config.width();
    Pass.Layer first = new Pass.Layer(3L * horizon, c, 3);
    Pass.Layer second = new Pass.Layer(c, 2 * c, 3);
    Pass.Layer third = new Pass.Layer(2 * c, 2 * c, 3);
    Pass.Layer hidden = Pass.Layer.linear(2 * c * pixels / 64, 64);
    Pass.Layer out = Pass.Layer.linear(64, 1);
    long parameters =
        first.parameters()
            + second.parameters()
            + third.parameters()
            + hidden.parameters()
            + out.parameters()
            + instructions * 6L * c;
    Pass pass =
        first
            .over(pixels / 4.0)
            .plus(second.over(pixels / 16.0))
            .plus(third.over(pixels / 64.0))
            .plus(hidden.over(1))
            .plus(out.over(1))
            .plus(
                Pass.numbers(3 * c * pixels / 4.0 + 6 * c * pixels / 16.0 + 2 * c * pixels / 64.0))
            .plus(clip(horizon, pixels));
    return new Shapes(parameters, pass);
  }

  /** The reward classifier whose network is the user's graph, for a clip. */
  public static Shapes classifier(int horizon, Canvas canvas, int instructions, OwnGraph graph) {
    GraphJudge own = new GraphJudge(graph, horizon, canvas, instructions);
    Shapes shapes =
        new Shapes(own.parameters().count(), own.counted().plus(clip(horizon, canvas.pixels())));
    own.close();
    return shapes;
  }

  /** A clip as three forms of bytes and five of numbers. */
  private static Pass clip(int horizon, int pixels) {
    return Pass.numbers(5.75 * 3 * horizon * pixels);
  }

  /**
   * The joint head, for a frame or a path.
   *
   * @param channels C
   * @param cells h * w of a latent
   * @param dimensions of an action, D
   * @param joints J
   */
  public static Shapes jointHead(
      JointHead.Config config, int channels, int cells, int dimensions, int joints) {
    Pass.Layer conv = new Pass.Layer(channels, 16, 3);
    Pass.Layer hidden = Pass.Layer.linear(16L * cells / 4, 128);
    Pass.Layer out = Pass.Layer.linear(128, joints);
    Shapes reading =
        new Shapes(
            conv.parameters() + hidden.parameters() + out.parameters(),
            conv.over(cells / 4.0)
                .plus(hidden.over(1))
                .plus(out.over(1))
                .plus(Pass.numbers(16 * cells / 4.0 + 3.0 * channels * cells)));
    return switch (config.kind()) {
      case PICTURE -> reading;
      case DYNAMICS -> {
        Shapes step = JointDynamics.shapes(dimensions, joints);
        yield new Shapes(
            reading.parameters + step.parameters,
            reading.pass.plus(step.pass).times(config.path()));
      }
    };
  }
}
