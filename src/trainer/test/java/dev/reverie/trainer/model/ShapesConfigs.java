package dev.reverie.trainer.model;

import java.util.List;

/** World models of all kinds, for tests. */
public final class ShapesConfigs {
  private static final WorldModel.Config USUAL = WorldModel.Config.DEFAULT;

  private ShapesConfigs() {}

  public static WorldModel.Config of(
      Backbone.Kind kind,
      int width,
      int depth,
      int memory,
      boolean reference,
      boolean memoryActions,
      boolean cross,
      boolean joints) {
    return of(kind, width, depth, memory, reference, memoryActions, cross, joints, false);
  }

  /** The usual ones, each block of which a frame's own action modulates. */
  public static WorldModel.Config everyBlock(Backbone.Kind kind, int width, boolean led) {
    return of(kind, width, 3, 2, led, led, led, led, false, Backbone.Modulation.EVERY_BLOCK, 0);
  }

  /** The usual ones with joints, whose loss weighs what moves. */
  public static WorldModel.Config weighingMotion(Backbone.Kind kind, int width) {
    return of(kind, width, 1, 2, true, true, true, true, false, USUAL.modulation(), 2);
  }

  /** A small U-Net, whose loss weighs what moves by so much. */
  static WorldModel.Config weighing(double motion) {
    return of(
        Backbone.Kind.UNET, 8, 1, 1, false, false, false, false, false, USUAL.modulation(), motion);
  }

  public static WorldModel.Config of(
      Backbone.Kind kind,
      int width,
      int depth,
      int memory,
      boolean reference,
      boolean memoryActions,
      boolean cross,
      boolean joints,
      boolean silhouette) {
    return of(
        kind,
        width,
        depth,
        memory,
        reference,
        memoryActions,
        cross,
        joints,
        silhouette,
        USUAL.modulation(),
        USUAL.motionWeight());
  }

  private static WorldModel.Config of(
      Backbone.Kind kind,
      int width,
      int depth,
      int memory,
      boolean reference,
      boolean memoryActions,
      boolean cross,
      boolean joints,
      boolean silhouette,
      Backbone.Modulation modulation,
      double motionWeight) {
    return new WorldModel.Config(
        width,
        USUAL.embedding(),
        USUAL.steps(),
        USUAL.learningRate(),
        USUAL.alignSteps(),
        USUAL.alignLearningRate(),
        USUAL.rolloutWeight(),
        USUAL.batch(),
        USUAL.weightDecay(),
        USUAL.clip(),
        USUAL.ema(),
        memory,
        reference,
        memoryActions,
        USUAL.target(),
        USUAL.times(),
        USUAL.contextNoiseLow(),
        USUAL.contextNoise(),
        USUAL.contextScaled(),
        USUAL.pureNoise(),
        USUAL.inferenceNoise(),
        USUAL.inferenceLevel(),
        USUAL.taus(),
        kind,
        depth,
        4,
        USUAL.patch(),
        cross,
        modulation,
        motionWeight,
        USUAL.ensemble(),
        joints,
        silhouette,
        List.of(),
        true);
  }
}
