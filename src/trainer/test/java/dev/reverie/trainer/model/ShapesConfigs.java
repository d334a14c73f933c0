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
        USUAL.motionWeight(),
        USUAL.ensemble(),
        joints,
        silhouette,
        List.of());
  }
}
