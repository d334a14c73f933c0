package dev.reverie.robot.setup;

import dev.reverie.policy.ExecutionProvider;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Supplier;

/** The part of ONNX Runtime that is to run policies. */
public enum Execution {
  /** CUDA where this build has it and it can be used, else the CPU. */
  AUTO,
  TENSORRT,
  CUDA,
  CPU;

  /** Returns what is to be tried, the best first, in a build that has some. */
  public List<ExecutionProvider> providers(Set<ExecutionProvider> built) {
    return switch (this) {
      case AUTO ->
          built.contains(ExecutionProvider.CUDA)
              ? List.of(ExecutionProvider.CUDA, ExecutionProvider.CPU)
              : List.of(ExecutionProvider.CPU);
      case TENSORRT -> List.of(ExecutionProvider.TENSORRT);
      case CUDA -> List.of(ExecutionProvider.CUDA);
      case CPU -> List.of(ExecutionProvider.CPU);
    };
  }

  /**
   * Looks at whether a build of ONNX Runtime has what was named; the CPU is in each.
   *
   * @param there asks the build, which loads its library
   * @throws RobotException where it has not
   */
  public void requireBuilt(Supplier<Set<ExecutionProvider>> there) {
    if (this == AUTO || this == CPU) {
      return;
    }
    Set<ExecutionProvider> built = there.get();
    if (!built.containsAll(providers(built))) {
      throw new RobotException(
          "parameter execution is '%s', and this ONNX Runtime has only %s; set it up with ./reverie setup --gpu, or set execution to auto or cpu"
              .formatted(word(), built.toString().toLowerCase(Locale.ROOT)));
    }
  }

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
