package dev.reverie.policy;

import java.util.List;
import java.util.SplittableRandom;

/** Values that a graph's inputs may have, to compare programs that run it. */
final class RandomInputs {
  private RandomInputs() {}

  /**
   * Draws the values of an input for a batch.
   *
   * @param batch how many observations
   */
  static NdArray of(BundleSpec spec, InputSpec input, int batch, SplittableRandom random) {
    List<Long> behind = GraphValues.shape(spec, input);
    long[] shape = new long[behind.size() + 1];
    shape[0] = batch;
    for (int i = 0; i < behind.size(); i++) {
      shape[i + 1] = behind.get(i);
    }
    NdArray array = NdArray.zeros(input.dtype(), shape);
    if (array.type() == DType.U8) {
      byte[] pixels = new byte[Math.toIntExact(array.elements())];
      random.nextBytes(pixels);
      return NdArray.of(pixels, shape);
    }
    int rows = (int) (array.elements() / batch);
    for (int i = 0; i < array.elements(); i++) {
      array.set(i, value(spec, input, i / rows, random));
    }
    return array;
  }

  private static double value(BundleSpec spec, InputSpec input, int row, SplittableRandom random) {
    return switch (input) {
      case InputSpec.Camera _,
          InputSpec.Joints _,
          InputSpec.Noise _,
          InputSpec.Chunk _,
          InputSpec.ActionPrefix _ ->
          random.nextGaussian();
      case InputSpec.LanguageIds _ ->
          random.nextLong(0, Math.max(2, spec.language().words().size() + 1L));
      case InputSpec.LanguageMask _ -> 1;
      case InputSpec.ActionPrefixLength _ -> 0;
      case InputSpec.Time _ -> {
        List<DenoisingStep> steps = ((DenoisingSpec) spec.head()).steps(0);
        yield steps.get(row % steps.size()).time();
      }
      case InputSpec.ActionTokens _ -> {
        HeadSpec.Autoregressive head = (HeadSpec.Autoregressive) spec.head();
        yield head.token(random.nextInt(head.bins()));
      }
    };
  }
}
