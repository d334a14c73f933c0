package dev.reverie.policy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/** The part of ONNX Runtime that runs a policy's graph. */
public enum ExecutionProvider {
  /**
   * Compiles the graph for the first NVIDIA GPU when it is loaded there for the first time, see
   * {@link EngineCache}; what it lacks, CUDA runs.
   */
  TENSORRT(OrtProvider.TENSOR_RT),
  /** The first NVIDIA GPU, with floats of 32 bits. */
  CUDA(OrtProvider.CUDA),
  /** The processor, which every machine has. */
  CPU(OrtProvider.CPU);

  private final OrtProvider known;

  ExecutionProvider(OrtProvider known) {
    this.known = known;
  }

  /**
   * Returns those that this build of ONNX Runtime has; whether they can be used is another matter.
   */
  public static Set<ExecutionProvider> built() {
    Set<OrtProvider> there = OrtEnvironment.getAvailableProviders();
    EnumSet<ExecutionProvider> built = EnumSet.noneOf(ExecutionProvider.class);
    Arrays.stream(values()).filter(each -> there.contains(each.known)).forEach(built::add);
    return built;
  }

  /**
   * Has a session run by it.
   *
   * @param engines folder for what is compiled of the session's graph
   * @throws OrtException where its libraries, its driver or its device are not there
   */
  void use(OrtSession.SessionOptions settings, Supplier<Path> engines) throws OrtException {
    if (this == TENSORRT) {
      try (var tensorrt = new OrtTensorRTProviderOptions(0)) {
        tensorrt.add("trt_engine_cache_enable", "1");
        tensorrt.add("trt_engine_cache_path", engines.get().toString());
        settings.addTensorrt(tensorrt);
      }
    }
    if (this != CPU) {
      try (var cuda = new OrtCUDAProviderOptions(0)) {
        cuda.add("use_tf32", "0"); // of a float's 23 bits TF32 keeps 10
        settings.addCUDA(cuda);
      }
    }
  }
}
