package dev.reverie.trainer.nn;

/**
 * The one-cycle schedule with cosine arcs (Smith and Topin, arXiv 1708.07120; values as PyTorch's
 * {@code OneCycleLR}): the learning rate rises from peak/25 to the peak and falls to peak/250000,
 * Adam's beta 1 goes from 0.95 to 0.85 and back.
 *
 * @param peak learning rate
 * @param steps in all
 * @param warmup share of the steps that it rises for, in (0, 1)
 */
record OneCycle(double peak, int steps, double warmup) {
  OneCycle {
    if (steps < 1 || warmup <= 0 || warmup >= 1) {
      throw new IllegalArgumentException(
          "one cycle of %d steps with a warm-up of %s; give 1 or more, and a share in (0, 1)"
              .formatted(steps, warmup));
    }
  }

  double learningRate(int step) {
    return along(step, peak / 25, peak, peak / 25e4);
  }

  double beta1(int step) {
    return along(step, 0.95, 0.85, 0.95);
  }

  private double along(int step, double start, double middle, double end) {
    double top = warmup * steps - 1;
    double last = steps - 1;
    return step <= top
        ? cosine(start, middle, top == 0 ? 1 : step / top)
        : cosine(middle, end, last == top ? 1 : (step - top) / (last - top));
  }

  private static double cosine(double from, double to, double share) {
    return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
  }
}
