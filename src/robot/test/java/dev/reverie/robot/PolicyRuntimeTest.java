package dev.reverie.robot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.ExecutionProvider;
import dev.reverie.robot.setup.Execution;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.PolicyRuntime;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The part of ONNX Runtime that runs a policy. */
@Prepared
class PolicyRuntimeTest {
  private static final Set<ExecutionProvider> CPU = Set.of(ExecutionProvider.CPU);
  private static final Set<ExecutionProvider> ALL = Set.of(ExecutionProvider.values());

  @Test
  void autoTakesCudaWhereItWasBuiltInAndElseTheCpu() {
    assertEquals(List.of(ExecutionProvider.CPU), Execution.AUTO.providers(CPU));
    assertEquals(
        List.of(ExecutionProvider.CUDA, ExecutionProvider.CPU), Execution.AUTO.providers(ALL));
    Execution.AUTO.requireBuilt(() -> CPU);
    Execution.TENSORRT.requireBuilt(() -> ALL);
  }

  @Test
  void autoRunsAPolicyOnTheCpuWhereThereIsNoGpu() {
    var runtime = new PolicyRuntime(1, Execution.AUTO, false);
    try (LivePolicy policy = runtime.open(TestBundles.bundle(TestBundles.spec(), 1, 0), Map.of())) {
      boolean gpu = policy.session().provider() == ExecutionProvider.CUDA;
      assertTrue(gpu || policy.session().provider() == ExecutionProvider.CPU);
      assertEquals(
          !gpu && ExecutionProvider.built().contains(ExecutionProvider.CUDA),
          policy.passedOver().filter(text -> text.contains("runs on the CPU")).isPresent());
    }
    var onCpu = new PolicyRuntime(1, Execution.CPU, false);
    try (LivePolicy policy = onCpu.open(TestBundles.bundle(TestBundles.spec(), 1, 0), Map.of())) {
      assertEquals(ExecutionProvider.CPU, policy.session().provider());
      assertEquals(Optional.empty(), policy.passedOver());
    }
  }

  @Test
  void whatIsNotThereIsRefusedAtTheStart(@TempDir Path folder) {
    Refusal.of(
        RobotException.class,
        () -> Execution.CUDA.requireBuilt(() -> CPU),
        "parameter execution is 'cuda', and this ONNX Runtime has only [cpu]",
        "./reverie setup --gpu, or set execution to auto or cpu");
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 1, 0).save(bundle);
    Path rollouts = folder.resolve("rollouts");
    Refusal.of(
        RobotException.class,
        () -> new RunningRobot(bundle, rollouts, "execution:=gpu").close(),
        "parameter execution is 'gpu'; give one of [auto, tensorrt, cuda, cpu]");
    if (!ExecutionProvider.built().contains(ExecutionProvider.CUDA)) {
      Refusal.of(
          RobotException.class,
          () -> new RunningRobot(bundle, rollouts, "execution:=cuda").close(),
          "parameter execution is 'cuda'");
    }
  }
}
