package dev.reverie.trainer.model;

/** Settings of reward classifiers in tests: the usual ones, of recorded clips alone. */
public final class ClassifierConfigs {
  private static final RewardClassifier.Config USUAL = RewardClassifier.Config.DEFAULT;

  private ClassifierConfigs() {}

  static RewardClassifier.Config positives(double share) {
    return of(share, 0);
  }

  public static RewardClassifier.Config stride(int stride) {
    return of(USUAL.positiveShare(), stride);
  }

  private static RewardClassifier.Config of(double positives, int stride) {
    return new RewardClassifier.Config(
        USUAL.width(),
        USUAL.steps(),
        USUAL.batch(),
        USUAL.learningRate(),
        USUAL.weightDecay(),
        USUAL.imageNoise(),
        0,
        USUAL.wrongInstructionShare(),
        USUAL.demonstrationWindows(),
        USUAL.labelMargin(),
        USUAL.lateLabelShare(),
        USUAL.target(),
        positives,
        stride);
  }
}
