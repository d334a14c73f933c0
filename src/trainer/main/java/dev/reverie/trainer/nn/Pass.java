package dev.reverie.trainer.nn;

/**
 * The work of a network in one pass forward, counted from shapes: nothing of it is computed.
 *
 * @param flops of products of matrices and convolutions, a multiplication and an addition being two
 * @param attention those of attention's two products, which the pass back makes again
 * @param numbers that the operations leave in memory until the pass and the one back are over
 */
public record Pass(double flops, double attention, double numbers) {
  public static final Pass NONE = new Pass(0, 0, 0);

  /** Operations that multiply nothing. */
  public static Pass numbers(double numbers) {
    return new Pass(0, 0, numbers);
  }

  /** This, then another. */
  public Pass plus(Pass other) {
    return new Pass(flops + other.flops, attention + other.attention, numbers + other.numbers);
  }

  /** The same many times. */
  public Pass times(double many) {
    return new Pass(many * flops, many * attention, many * numbers);
  }

  /** Forward alone. */
  public double forward() {
    return flops + attention;
  }

  /**
   * Forward and back: each product has two of its size in the pass back, and attention keeps its
   * matches of tokens in neither.
   */
  public double training() {
    return 3 * flops + 3.5 * attention;
  }

  /**
   * A linear or convolutional layer.
   *
   * @param kernel edge of it in cells; 1 for a linear layer
   */
  public record Layer(long in, long out, long kernel) {
    public static Layer linear(long in, long out) {
      return new Layer(in, out, 1);
    }

    /** Weights and biases. */
    public long parameters() {
      return out * (in * kernel * kernel + 1);
    }

    /** Over so many rows or cells of the result. */
    public Pass over(double places) {
      return new Pass(2.0 * out * in * kernel * kernel * places, 0, out * places);
    }
  }
}
