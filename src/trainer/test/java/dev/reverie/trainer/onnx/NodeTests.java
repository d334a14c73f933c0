package dev.reverie.trainer.onnx;

import dev.reverie.policy.NdArray;
import dev.reverie.policy.Safetensors;
import dev.reverie.policy.onnx.ModelProto;
import dev.reverie.testing.Commands;
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
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Runs ONNX's own node tests of the operators that the executor has, as the Python package {@code
 * onnx} generates them. {@code bench/onnx_nodes.py} prints what came of them.
 *
 * @param passed names of the tests
 * @param refused by the name of the test, what was said
 * @param failed by the name of the test, what differs
 * @param left how many of their values are no plain numbers, and how many use other operators
 */
record NodeTests(
    SortedSet<String> passed,
    SortedMap<String, String> refused,
    SortedMap<String, String> failed,
    List<Integer> left) {
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("onnx");
    NodeTests tests = run(List.of(args), folder);
    System.out.printf(
        "%d operators; %d tests passed, %d refused, %d failed%n",
        Operators.names().size(), tests.passed.size(), tests.refused.size(), tests.failed.size());
    System.out.printf(
        "not run: %d have values of other types, %d use other operators%n",
        tests.left.get(0), tests.left.get(1));
    tests.refused.forEach((name, why) -> System.out.println("refused " + name + ": " + why));
    tests.failed.forEach((name, why) -> System.out.println("FAILED " + name + ": " + why));
  }

  /**
   * Generates and runs them.
   *
   * @param script the command that writes them, but for folder and operators
   */
  static NodeTests run(List<String> script, Path folder) throws Exception {
    List<String> command = new ArrayList<>(script);
    command.add(folder.toString());
    command.addAll(Operators.names());
    String[] counts = Commands.run(600, command).getLast().split(" ", -1);
    var tests =
        new NodeTests(
            new TreeSet<>(),
            new TreeMap<>(),
            new TreeMap<>(),
            List.of(Integer.valueOf(counts[1]), Integer.valueOf(counts[2])));
    try (Stream<Path> cases = Files.list(folder)) {
      cases.sorted().forEach(tests::add);
    }
    return tests;
  }

  private void add(Path path) {
    String name = path.getFileName().toString();
    try {
      Optional<String> difference = difference(path);
      difference.ifPresentOrElse(text -> failed.put(name, text), () -> passed.add(name));
    } catch (OnnxException e) {
      refused.put(name, String.valueOf(e.getMessage()));
    } catch (IOException | RuntimeException e) {
      failed.put(name, e.toString());
    }
  }

  /** Returns what differs from the expected outputs; nothing if all agree. */
  private static Optional<String> difference(Path path) throws IOException {
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(path.resolve("model.onnx")));
    Map<String, NdArray> expected = Safetensors.open(path.resolve("outputs")).arrays();
    try (OnnxModule module = OnnxModule.load(model, Map.of(), Set.of());
        PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
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
    // Two units in the last place of a number in 16 bits.
    double tolerance =
        switch (wanted.scalar_type().intern()) {
          case BFloat16 -> 0x1p-6;
          case Half -> 0x1p-9;
          default -> 1e-3;
        };
    return actual.scalar_type().intern() == wanted.scalar_type().intern()
        && Arrays.equals(Tensors.shape(actual), Tensors.shape(wanted))
        && actual
            .to(ScalarType.Double)
            .allclose(wanted.to(ScalarType.Double), tolerance, tolerance / 100, true);
  }
}
