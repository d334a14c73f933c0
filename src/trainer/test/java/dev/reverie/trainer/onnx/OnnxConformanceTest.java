package dev.reverie.trainer.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.testing.Commands;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's own node tests, as the Python package {@code onnx} generates them. */
@Prepared
class OnnxConformanceTest {
  @Test
  void theNodeTestsOfOnnxPassOrAreRefused(@TempDir Path folder) throws Exception {
    generate(folder);
    int passed = 0;
    List<String> refused = new ArrayList<>();
    Map<String, String> failed = new TreeMap<>();
    try (Stream<Path> cases = Files.list(folder)) {
      for (Path path : cases.sorted().toList()) {
        String name = path.getFileName().toString();
        try {
          Optional<String> difference = run(path);
          passed += difference.isEmpty() ? 1 : 0;
          difference.ifPresent(text -> failed.put(name, text));
        } catch (OnnxException e) {
          refused.add(name + ": " + e.getMessage());
        }
      }
    }
    assertEquals(Map.of(), failed);
    assertTrue(passed > 600, passed + " passed, refused: " + refused);
  }

  private static void generate(Path folder) throws Exception {
    List<String> command =
        new ArrayList<>(Python.command("trainer/test/resources/onnx_node_tests.py", folder));
    command.addAll(Operators.names());
    Commands.run(600, command);
  }

  /** Returns what differs from the expected outputs; nothing if all agree. */
  private static Optional<String> run(Path path) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(path.resolve("model.onnx")));
    Map<String, NdArray> expected = Safetensors.open(path.resolve("outputs")).arrays();
    try (OnnxModule module = OnnxModule.load(model, Map.of(), Set.of());
        PointerScope _ = new PointerScope()) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      Safetensors.open(path.resolve("inputs"))
          .arrays()
          .forEach((name, array) -> inputs.put(name, Tensors.of(array)));
      Map<String, Tensor> outputs = module.forward(inputs);
      for (var entry : expected.entrySet()) {
        Tensor actual = outputs.get(entry.getKey());
        Tensor wanted = Tensors.of(entry.getValue());
        if (actual == null || !same(actual, wanted)) {
          return Optional.of(entry.getKey() + " is " + actual + ", not " + entry.getValue());
        }
      }
      return Optional.empty();
    }
  }

  private static boolean same(Tensor actual, Tensor wanted) {
    double tolerance = wanted.scalar_type().intern() == ScalarType.Half ? 1e-2 : 1e-3;
    return actual.scalar_type().intern() == wanted.scalar_type().intern()
        && Arrays.equals(Tensors.shape(actual), Tensors.shape(wanted))
        && actual
            .to(ScalarType.Double)
            .allclose(wanted.to(ScalarType.Double), tolerance, tolerance / 100, true);
  }
}
