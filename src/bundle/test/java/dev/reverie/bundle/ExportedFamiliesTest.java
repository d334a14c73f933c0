package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.OnnxOptions;
import dev.reverie.policy.OnnxPolicy;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Refusal;
import dev.reverie.testing.Unzipped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Imports what the scripts in {@code models/export} hand over, of LeRobot's SmolVLA and a policy in
 * OpenVLA-OFT's way with random weights (bench/exports.py --tiny): the arm does what their own
 * classes do, whole chunks in radians from pictures, degrees and an instruction.
 */
@Prepared
class ExportedFamiliesTest {
  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({"oft, 4, 3, tokens, 41", "smolvla, 4, 3, flow, 29"})
  void theArmDoesWhatTheClassOfTheExporterDoesAndItCanBeTrained(
      String family, int horizon, int values, String head, int learn) throws IOException {
    PolicyBundle bundle = imported(family);
    assertTrue(
        told.contains(
            "trainer: %d weights learn, and a draw's gradient reaches %<d of them"
                .formatted(learn)),
        told::toString);
    try (OnnxPolicy policy = OnnxPolicy.open(bundle, OnnxOptions.cpu(1))) { // compares chunks
      assertEquals(head, policy.spec().head().word());
      assertEquals(horizon, policy.spec().chunk().horizon());
      assertEquals(values, policy.spec().actionSpace().dimensions());
    }
  }

  @Test
  void aChunkThatIsNotTheClasssOwnIsRefused() throws IOException {
    unpack("smolvla");
    Path spec = folder.resolve("spec.json");
    String right = Files.readString(spec);
    wrong(right.replace("{instruction}\\n", "{instruction}"), "output 'v_t' differs");
    wrong(right.replace("\"steps\": 10", "\"steps\": 5"), "the chunk of 'actions' differs");
    wrong(
        right.replace("\"action.mean\"", "\"observation.state.mean\""),
        "the chunk of 'actions' differs");
  }

  private void wrong(String spec, String reason) throws IOException {
    Files.writeString(folder.resolve("wrong.json"), spec);
    Refusal.of(BundleException.class, () -> bundle("wrong.json"), reason);
  }

  private PolicyBundle imported(String family) throws IOException {
    unpack(family);
    return bundle("spec.json");
  }

  private PolicyBundle bundle(String spec) {
    return new PolicyImport(
            new PolicyImport.Source(
                Map.of("act", folder.resolve("policy.onnx")),
                List.of(
                    folder.resolve("state.safetensors"), folder.resolve("statistics.safetensors")),
                folder.resolve(spec),
                Optional.empty(),
                Optional.of(folder.resolve("probe.safetensors")),
                Optional.of(tokenizer()),
                false),
            told::add)
        .write(folder.resolve("bundle"));
  }

  private static Path tokenizer() {
    return Path.of(System.getProperty("reverie.root"), "src/policy/test/resources/tokenizer.json");
  }

  private void unpack(String family) throws IOException {
    Unzipped.resource(ExportedFamiliesTest.class, family + ".zip", folder);
  }
}
