package dev.reverie.trainer.onnx;

import com.sun.management.OperatingSystemMXBean;
import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.trainer.nn.Torch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The Java half of {@code bench/families.py}: runs an exported policy and its gradient, writes what
 * it gives, and prints CPU ms and wall ms of a forward and backward pass and the gradient's norm.
 */
final class FamilyBenchmark {
  private static final int WARM = 30; // until the compiler is done

  private FamilyBenchmark() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    Torch.start(Integer.parseInt(args[1]));
    int steps = Integer.parseInt(args[2]);
    GraphFile file = GraphFile.read(folder.resolve("graph.onnx"));
    try (OnnxModule module = OnnxModule.load(file.model(), file.weights(), Set.of());
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      Safetensors.open(folder.resolve("inputs.safetensors"))
          .arrays()
          .forEach((name, array) -> inputs.put(name, Tensors.of(array)));
      inputs.keySet().retainAll(module.inputs());
      NdArray out = step(module, inputs);
      double norm = norm(module);
      for (int i = 0; i < WARM; i++) {
        step(module, inputs);
      }
      var machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      long cpu = machine.getProcessCpuTime();
      long wall = System.nanoTime();
      for (int i = 0; i < steps; i++) {
        step(module, inputs);
      }
      cpu = machine.getProcessCpuTime() - cpu;
      wall = System.nanoTime() - wall;
      Path outputs = folder.resolve("outputs.safetensors");
      Files.deleteIfExists(outputs);
      Safetensors.of(Map.of("out", out)).write(outputs);
      System.out.printf(
          Locale.ROOT, "%.3f %.3f %.9g%n", cpu / 1e6 / steps, wall / 1e6 / steps, norm);
    }
  }

  private static NdArray step(OnnxModule module, Map<String, Tensor> inputs) {
    try (PointerScope _ = new PointerScope()) {
      module.parameters().values().forEach(parameter -> parameter.mutable_grad().reset());
      Tensor out = module.forward(inputs, "out");
      out.square().sum().backward();
      return Tensors.array(out.detach());
    }
  }

  private static double norm(OnnxModule module) {
    double squares = 0;
    for (Tensor parameter : module.parameters().values()) {
      Tensor gradient = Objects.requireNonNull(parameter.grad());
      if (gradient.defined()) {
        squares += gradient.to(ScalarType.Double).square().sum().item_double();
      }
    }
    return Math.sqrt(squares);
  }
}
