package dev.reverie.trainer.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.trainer.data.Waves;
import dev.reverie.trainer.nn.LibtorchTest;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** Operators that bench/operators.py wrote, beside what PyTorch 2.10 says of their gradients. */
class OperatorGradientsTest extends LibtorchTest {
  /**
   * PyTorch's words about a tensor.
   *
   * @param product sum of products with a wave
   */
  private record Told(double product, double norm) {}

  @Test
  void outputsAndGradientsAreThoseOfPyTorch() throws Exception {
    Map<String, Told> told = new LinkedHashMap<>();
    for (String line : Files.readAllLines(resource("operators.txt"))) {
      String[] words = line.split(" ", -1);
      told.put(words[0], new Told(Double.parseDouble(words[1]), Double.parseDouble(words[2])));
    }
    GraphFile file = GraphFile.read(resource("operators.onnx"));
    Set<String> compared = new HashSet<>();
    try (OnnxModule module = OnnxModule.load(file.model(), file.weights(), Set.of())) {
      for (String name : told.keySet()) {
        if (name.contains(".")) {
          continue;
        }
        try (PointerScope _ = new PointerScope()) {
          Tensor result =
              Objects.requireNonNull(module.part(Set.of(name)).run(Map.of()).get(name), name);
          compare(name, told, result.detach());
          compared.add(name);
          result.square().mul(Waves.of(5, Tensors.shape(result))).sum().backward();
        }
      }
      module
          .parameters()
          .forEach(
              (name, parameter) -> {
                if (parameter.grad().defined()) {
                  compare(name, told, parameter.grad());
                  compared.add(name);
                }
              });
    }
    assertEquals(told.keySet(), compared);
    assertTrue(compared.size() > 100, "compared " + compared);
  }

  private static void compare(String name, Map<String, Told> told, Tensor tensor) {
    Told wanted = Objects.requireNonNull(told.get(name), name);
    double product = tensor.mul(Waves.of(5, Tensors.shape(tensor))).sum().item_double();
    double tolerance = 1e-5 * (1e-3 + wanted.norm);
    assertEquals(wanted.norm, tensor.norm().item_double(), tolerance, name);
    // The wave's norm is at most the root of the number of values.
    assertEquals(wanted.product, product, tolerance * Math.sqrt(tensor.numel()), name);
  }

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(OperatorGradientsTest.class.getResource(name), name).toURI());
  }
}
