package dev.reverie.trainer.nn;

/** Does work on many rows in slices, each in a scope of its own and without gradients. */
public final class Slices {
  private Slices() {}

  /** Works on {@code length} rows from {@code begin} on. */
  @FunctionalInterface
  public interface Work {
    void on(long begin, long length);
  }

  public static void of(long rows, long slice, Work work) {
    for (long begin = 0; begin < rows; begin += slice) {
      long first = begin;
      long length = Math.min(slice, rows - begin);
      Torch.noGrad(() -> work.on(first, length));
    }
  }
}
