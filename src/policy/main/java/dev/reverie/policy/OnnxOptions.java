package dev.reverie.policy;

/**
 * Options of ONNX Runtime for a policy.
 *
 * @param threads that one inference may use; more than the free cores slow it down
 * @param cuda whether to use the first NVIDIA GPU; where that fails the CPU is used, with a warning
 */
public record OnnxOptions(int threads, boolean cuda) {
  /** Checks the number of threads. */
  public OnnxOptions {
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException(threads + " threads; give 1 to 1024");
    }
  }

  /** Options for the CPU. */
  public static OnnxOptions cpu(int threads) {
    return new OnnxOptions(threads, false);
  }

  /** Options for the first NVIDIA GPU. */
  public static OnnxOptions cuda(int threads) {
    return new OnnxOptions(threads, true);
  }
}
