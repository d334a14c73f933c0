package dev.reverie.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Prepared
class OtherReadersTest {
  @Test
  void onnxOnnxRuntimeAndSafetensorsOfPythonReadABundle(@TempDir Path folder) throws Exception {
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
    assertEquals(
        List.of("the same"),
        Python.run(
            "policy/test/resources/check_bundle.py",
            folder.resolve("bundle"),
            folder.resolve("inputs"),
            folder.resolve("outputs"),
            folder.resolve("back")));
    assertEquals(bundle.weights(), Safetensors.open(folder.resolve("back")).arrays());
  }
}
