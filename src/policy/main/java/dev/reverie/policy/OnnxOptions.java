package dev.reverie.policy;

import java.util.List;

/**
 * Options of ONNX Runtime for a policy.
 *
 * @param threads that one inference may use; more than the free cores slow it down
 * @param providers of which the first runs the graph that can be used, and but for the CPU gives
 *     what the CPU gives
 */
public record OnnxOptions(int threads, List<ExecutionProvider> providers) {
  /** Checks the numbers. */
  public OnnxOptions {
    providers = List.copyOf(providers);
    if (threads < 1 || threads > 1024) {
      throw new IllegalArgumentException(threads + " threads; give 1 to 1024");
    }
    if (providers.isEmpty()) {
      throw new IllegalArgumentException("no execution provider; name one, such as CPU");
    }
  }

  /** Options for the CPU. */
  public static OnnxOptions cpu(int threads) {
    return new OnnxOptions(threads, List.of(ExecutionProvider.CPU));
  }

  /** Options for the first NVIDIA GPU; where that cannot be used, the CPU is. */
  public static OnnxOptions cuda(int threads) {
    return new OnnxOptions(threads, List.of(ExecutionProvider.CUDA, ExecutionProvider.CPU));
  }
}
