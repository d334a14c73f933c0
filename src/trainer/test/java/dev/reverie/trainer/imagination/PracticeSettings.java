package dev.reverie.trainer.imagination;

import java.util.List;

/** Settings of practices in tests: the usual ones but for those named. */
final class PracticeSettings {
  private static final Grpo.Config USUAL = Grpo.Config.DEFAULT;

  private PracticeSettings() {}

  static Grpo.Config of(
      int iterations,
      int groups,
      int groupSize,
      double keyframeShare,
      int draws,
      double learningRate,
      int epochs,
      int miniBatch,
      int saveEvery) {
    return new Grpo.Config(
        iterations,
        groups,
        groupSize,
        keyframeShare,
        USUAL.keyframes(),
        USUAL.keyframe(),
        draws,
        USUAL.cutSurplus(),
        USUAL.successLow(),
        USUAL.successHigh(),
        1,
        learningRate,
        USUAL.learningRateEnd(),
        epochs,
        miniBatch,
        USUAL.miniBatchOf(),
        USUAL.ratio(),
        USUAL.clipLow(),
        USUAL.clipHigh(),
        USUAL.dualClip(),
        USUAL.advantage(),
        USUAL.length(),
        USUAL.clip(),
        USUAL.patience(),
        saveEvery,
        List.of());
  }

  static Grpo.Config dualClip(double bound) {
    return new Grpo.Config(
        USUAL.iterations(),
        USUAL.groups(),
        USUAL.groupSize(),
        USUAL.keyframeShare(),
        USUAL.keyframes(),
        USUAL.keyframe(),
        USUAL.draws(),
        USUAL.cutSurplus(),
        USUAL.successLow(),
        USUAL.successHigh(),
        USUAL.temperature(),
        USUAL.learningRate(),
        USUAL.learningRateEnd(),
        USUAL.epochs(),
        USUAL.miniBatch(),
        USUAL.miniBatchOf(),
        USUAL.ratio(),
        USUAL.clipLow(),
        USUAL.clipHigh(),
        bound,
        USUAL.advantage(),
        USUAL.length(),
        USUAL.clip(),
        USUAL.patience(),
        USUAL.saveEvery(),
        List.of());
  }
}
