package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyBundle;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import dev.reverie.testing.Refusal;
import dev.reverie.testing.SameFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A policy of PyTorch that {@code own_policy.py} beside its files has exported. */
@Prepared
class PyTorchPolicyTest {
  private static final Path FILES =
      Path.of(System.getProperty("reverie.root"), "src/bundle/test/resources");
  static final String SPEC =
      """
      cameras: [{name: front, width: 16, height: 8}]
      joint_names: [shoulder, elbow]
      action_space: {kind: joint_deltas, joints: [shoulder, elbow], scale_rad: [0.1, 0.1]}
      chunk: {horizon: 3, period_s: 0.1}
      graph:
        inputs:
          - {name: picture, source: camera, range: "0_1"}
          - {name: state, source: joints, normalise: {kind: mean_sd, tensors: [state.mean, state.std]}}
      head: {kind: regression, noise: [0.05, 0.05]}
      """;

  @TempDir Path folder;
  private final List<String> told = new ArrayList<>();

  @Test
  void itBecomesABundleThatActsAsItDidAndCanBeTrained() throws Exception {
    Path out = folder.resolve("bundle");
    PolicyBundle bundle = importer(SPEC).write(out);
    assertEquals(
        List.of("the same"),
        Python.run(
            "bundle/test/resources/same_outputs.py",
            FILES.resolve("graph.onnx"),
            out.resolve("policy.onnx")));
    Set<String> frozen = new TreeSet<>(bundle.frozen());
    assertEquals(
        Set.of("encoder.norm.running_mean", "encoder.norm.running_var", "state.mean", "state.std"),
        frozen);
    assertTrue(bundle.weights().containsKey("encoder.attention.in_proj_weight"));
    assertTrue(
        told.stream().anyMatch(line -> line.contains("left out") && line.contains("unused.weight")),
        told::toString);
    assertTrue(
        told.contains("trainer: 12 weights learn, and a draw's gradient reaches 12 of them"),
        told::toString);
  }

  @Test
  void anInputThatIsBoundOtherwiseThanInTheExportersProgramDiffersFromItsProbe()
      throws IOException {
    Path out = folder.resolve("bundle");
    Refusal.of(
        BundleException.class,
        () -> importer(SPEC.replace("0_1", "-1_1")).write(out),
        "output 'actions' differs from what the exporter wrote into probe.safetensors",
        "the bindings are not those of the exporter");
    assertTrue(Files.notExists(out));
  }

  @Test
  void whatCannotBeTrainedIsWrittenOnlyToAct() throws IOException {
    Path out = folder.resolve("bundle");
    Refusal.of(
        BundleException.class,
        () ->
            importer(SPEC + "parameters: {trained: [encoder.norm.running_*], frozen: []}\n")
                .write(out),
        "the policy acts, and cannot be trained",
        "--acts-only");
    try (var left = Files.list(folder)) {
      assertEquals(List.of(folder.resolve("spec.yaml")), left.toList());
    }
  }

  @Test
  void twoImportsOfTheSameAreTheSameByteForByte() throws IOException {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    var _ = importer(SPEC).write(one);
    var _ = importer(SPEC).write(two);
    SameFiles.require(one, two);
  }

  @Test
  void aSignalAtAnyMomentLeavesTheWholeBundleOrNothing() throws Exception {
    Path spec = Files.writeString(folder.resolve("spec.yaml"), SPEC);
    for (String after : List.of("", ".*nodes, of which.*", "robot: .*", "probe: .*", "written")) {
      Path policies = Files.createDirectories(folder.resolve("policies"));
      Path out = policies.resolve("own");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-cp",
                  System.getProperty("java.class.path"),
                  PolicyCommand.class.getName(),
                  "import",
                  FILES.resolve("graph.onnx").toString(),
                  "--state-dict",
                  FILES.resolve("model.safetensors").toString(),
                  "--spec",
                  spec.toString(),
                  "--probe",
                  FILES.resolve("probe.safetensors").toString(),
                  "--out",
                  out.toString())
              .redirectError(folder.resolve("errors").toFile())
              .start();
      try (var said = process.inputReader()) {
        if (after.equals("written")) { // by now the trainer tries it
          while (!hasDraft(policies) && process.isAlive()) {
            Thread.sleep(5);
          }
        } else {
          String line = "";
          while (line != null && !line.matches(after)) {
            line = said.readLine();
          }
        }
        process.destroy(); // SIGTERM
        assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it ends");
      }
      assertEquals(143, process.exitValue(), Files.readString(folder.resolve("errors")));
      try (var left = Files.list(policies)) {
        assertEquals(List.of(), left.toList(), after);
      }
    }
  }

  private static boolean hasDraft(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      return files.anyMatch(file -> file.endsWith("bundle.json"));
    } catch (UncheckedIOException e) {
      return false; // it was moved meanwhile
    }
  }

  private PolicyImport importer(String spec) throws IOException {
    Path file = Files.writeString(folder.resolve("spec.yaml"), spec);
    var source =
        new PolicyImport.Source(
            Map.of("act", FILES.resolve("graph.onnx")),
            List.of(FILES.resolve("model.safetensors")),
            file,
            Optional.empty(),
            Optional.of(FILES.resolve("probe.safetensors")),
            Optional.empty(),
            false);
    return new PolicyImport(source, told::add);
  }
}
