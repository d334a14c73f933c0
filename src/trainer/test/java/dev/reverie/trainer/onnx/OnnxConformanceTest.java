package dev.reverie.trainer.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX's own node tests, as the Python package {@code onnx} generates them. */
@Prepared
class OnnxConformanceTest {
  @Test
  void theNodeTestsOfOnnxPassOrAreRefusedInOurWords(@TempDir Path folder) throws Exception {
    NodeTests tests =
        NodeTests.run(Python.command("trainer/test/resources/onnx_node_tests.py"), folder);
    assertEquals(Map.of(), tests.failed());
    assertTrue(tests.passed().size() >= 1298, tests.passed().size() + " passed");
    List<String> others =
        tests.refused().entrySet().stream()
            .filter(test -> !test.getValue().contains("call policy.eval() before the export"))
            .map(Object::toString)
            .toList();
    assertEquals(List.of(), others);
  }
}
