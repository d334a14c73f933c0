package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class OtherReadersTest {
  @Test
  void onnxOnnxRuntimeAndSafetensorsOfPythonReadABundle(@TempDir Path folder)
      throws IOException, InterruptedException {
    PolicyBundle bundle = TinyPolicy.bundle();
    bundle.save(folder.resolve("bundle"));
    Map<String, NdArray> inputs =
        Map.of(
            "image.front", NdArray.of(new byte[3 * 72], 3, 4, 6, 3),
            "instruction_tokens", NdArray.of(new long[] {1, 3, 0, 0, 2, 3, 0, 0, 1, 1, 1, 1}, 3, 4),
            "joint_positions", NdArray.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    try (OnnxSession session = OnnxSession.open(bundle, OnnxOptions.cpu(1))) {
      Safetensors.of(inputs).write(folder.resolve("inputs"));
      Safetensors.of(session.run(inputs)).write(folder.resolve("outputs"));
    }
    assertEquals("the same", check(folder));
    assertEquals(bundle.weights(), Safetensors.open(folder.resolve("back")).arrays());
  }

  private static String check(Path folder) throws IOException, InterruptedException {
    Path script =
        Path.of(System.getProperty("reverie.root"), "src/policy/test/resources/check_bundle.py");
    Process python =
        new ProcessBuilder(
                System.getenv("REVERIE_PYTHON"),
                script.toString(),
                folder.resolve("bundle").toString(),
                folder.resolve("inputs").toString(),
                folder.resolve("outputs").toString(),
                folder.resolve("back").toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    python.waitFor();
    return output.strip();
  }
}
