package dev.reverie.trainer.model;

import dev.reverie.trainer.nn.Pass;
import dev.reverie.trainer.nn.Pass.Layer;

/**
 * The {@link Transformer} counted from its settings.
 *
 * @param d the width
 * @param patches P a frame
 * @param slots S of the past
 * @param horizon K
 * @param told A, actions that a frame may attend to; 0 without cross-attention
 * @param everyBlock whether frames' actions modulate the temporal blocks too
 */
record TransformerShapes(
    long d,
    double patches,
    int depth,
    long heads,
    int slots,
    int horizon,
    int told,
    boolean everyBlock) {
  /** Sines and cosines of a flow time. */
  private static final long WAVES = 256;

  /** Numbers of a token's width that scale, shift and gate leave, with the norm before them. */
  private static final int MODULATED = 4;

  static Shapes.OfWorldModel of(
      WorldModel.Config config,
      int horizon,
      int actionDimensions,
      int joints,
      int channels,
      int height,
      int width) {
    int memoryActions = config.memoryActions() ? config.memoryFrames() : 0;
    double patches = (double) height * width / (config.patch() * config.patch());
    TransformerShapes shapes =
        new TransformerShapes(
            config.width(),
            patches,
            config.depth(),
            config.heads(),
            config.memory().slots(),
            horizon,
            config.crossAttention() ? 1 + memoryActions + horizon : 0,
            config.modulation() == Backbone.Modulation.EVERY_BLOCK);
    return shapes.counted(
        channels,
        config.drawn(),
        config.patch(),
        Backbone.told(actionDimensions, joints),
        memoryActions);
  }

  private Shapes.OfWorldModel counted(
      int channels, int drawn, int patch, long toldOfStep, int memoryActions) {
    Layer ofPatches = new Layer((long) channels + drawn, d, patch);
    Layer times1 = Layer.linear(WAVES, d);
    Layer times2 = Layer.linear(d, d);
    Layer actions1 = Layer.linear(toldOfStep, 4 * d);
    Layer actions2 = Layer.linear(4 * d, d);
    Layer shared = Layer.linear(d, 6 * d);
    Layer outShared = Layer.linear(d, 2 * d);
    Layer out = Layer.linear(d, (long) channels * patch * patch);
    long parameters =
        ofPatches.parameters()
            + times1.parameters()
            + times2.parameters()
            + actions1.parameters()
            + actions2.parameters()
            + shared.parameters()
            + outShared.parameters()
            + out.parameters()
            + (told > 0 ? d : 0)
            + 2L * depth * blockParameters();
    int embedded = horizon + memoryActions;
    Pass given =
        actions1
            .over(embedded)
            .plus(actions2.over(embedded))
            .plus(times1.over(slots))
            .plus(times2.over(slots))
            .plus(shared.over(everyBlock ? slots : 2.0 * slots))
            .plus(embedded(ofPatches, slots))
            .plus(inFrames(slots).times(depth))
            .plus(overTime(slots, slots).times(depth - 1.0))
            .plus(remembered(slots));
    Pass predicted =
        times1
            .over(1)
            .plus(times2.over(1))
            .plus(shared.over(everyBlock ? horizon : horizon + 1.0))
            .plus(embedded(ofPatches, horizon))
            .plus(inFrames(horizon).times(depth))
            .plus(overTime(horizon, slots + horizon).times(depth))
            .plus(Pass.numbers(2.0 * depth * (slots + horizon) * patches * d)) // keys, values
            .plus(outShared.over(horizon))
            .plus(out.over(horizon * patches))
            .plus(Pass.numbers(3.0 * horizon * patches * d));
    double pairs =
        inFrames(slots).times(depth).plus(overTime(slots, slots).times(depth - 1.0)).numbers()
            + remembered(slots).numbers()
            + inFrames(horizon).times(depth).numbers()
            + overTime(horizon, slots + horizon).times(depth).numbers();
    double keys = 2.0 * depth * (slots + horizon) * patches * d; // put together
    int most = Math.max(slots, horizon);
    double block =
        inFrames(most).plus(overTime(most, slots + horizon)).numbers()
            + 2.0 * (slots + horizon) * patches * d;
    double rest = given.plus(predicted).numbers() - pairs - keys;
    return new Shapes.OfWorldModel(
        parameters,
        given,
        predicted,
        // Tokens after each pair, keys and values of the past.
        depth * (3.0 * slots + horizon) * patches * d,
        block,
        rest,
        // Keys and values of the past, these with the keys that they were one tensor with.
        3.0 * depth * slots * patches * d + 2.0 * most * patches * d + block + rest);
  }

  private long blockParameters() {
    return 6 * d
        + attentionParameters()
        + (told > 0 ? attentionParameters() : 0)
        + Layer.linear(d, 4 * d).parameters()
        + Layer.linear(4 * d, d).parameters();
  }

  private long attentionParameters() {
    return 2 * Layer.linear(d, d).parameters()
        + Layer.linear(d, 2 * d).parameters()
        + 2 * (d / heads);
  }

  /** Patches as tokens, and where they lie. */
  private Pass embedded(Layer ofPatches, int frames) {
    return ofPatches.over(frames * patches).plus(Pass.numbers(frames * patches * d));
  }

  /** A spatial block. */
  private Pass inFrames(int frames) {
    double tokens = frames * patches;
    return attended(tokens, patches, 0).plus(overActions(tokens)).plus(overChannels(tokens));
  }

  /** A temporal block, whose tokens are put in order of their places and turned. */
  private Pass overTime(int frames, int among) {
    double tokens = frames * patches;
    return attended(tokens, among, 1 + 2 * TURNED)
        .plus(overActions(tokens))
        .plus(overChannels(tokens));
  }

  /** Numbers of a token's width that the turn of a query or a key leaves. */
  private static final int TURNED = 4;

  /** The last temporal block of the past, which only keeps keys and values. */
  private Pass remembered(int frames) {
    double tokens = frames * patches;
    return Layer.linear(d, 2 * d)
        .over(tokens)
        .plus(Pass.numbers((MODULATED - 1 + 1 + 2 + TURNED) * tokens * d));
  }

  /** Attention with its modulation: queries and keys are normed, in two numbers each. */
  private Pass attended(double tokens, double among, int more) {
    return attention(tokens, among)
        .plus(Layer.linear(d, 2 * d).over(tokens))
        .plus(Pass.numbers((MODULATED + 2 + more) * tokens * d));
  }

  private Pass overActions(double tokens) {
    return told == 0
        ? Pass.NONE
        : attention(tokens, told)
            .plus(Layer.linear(d, 2 * d).over(told))
            .plus(Pass.numbers((2.0 * told + 2 * tokens) * d)); // the norm and the sum
  }

  /** Queries, their norm, the match with keys, and the way out. */
  private Pass attention(double tokens, double among) {
    Layer square = Layer.linear(d, d);
    return square
        .over(tokens)
        .times(2)
        .plus(new Pass(0, 4 * tokens * among * d, (2 + 1) * tokens * d));
  }

  private Pass overChannels(double tokens) {
    return Layer.linear(d, 4 * d)
        .over(tokens)
        .plus(Layer.linear(4 * d, d).over(tokens))
        .plus(Pass.numbers((MODULATED + 4) * tokens * d));
  }
}
