package dev.reverie.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged graphs, state dicts, specs and bundles: each command says in our words what to do. */
@Prepared
class DamagedFilesTest {
  private static final Path FILES =
      Path.of(System.getProperty("reverie.root"), "src/bundle/test/resources");

  private static final int IMPORTS = Integer.getInteger("reverie.fuzz.imports", 150);

  /** Words of libraries and of Java, which tell nobody what to do. */
  private static final List<String> RAW =
      List.of(
          "Exception",
          "java.",
          "fasterxml",
          "snakeyaml",
          "[Source",
          "protobuf",
          "Protocol message",
          "onnxruntime",
          "ORT_",
          "Error code",
          "it says of it",
          ".cc:",
          "\tat ",
          "out of bounds");

  @TempDir Path folder;
  private Path graph;
  private Path state;
  private Path spec;

  @BeforeEach
  void copy() throws IOException {
    graph = Files.copy(FILES.resolve("graph.onnx"), folder.resolve("graph.onnx"));
    state = Files.copy(FILES.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    spec = Files.writeString(folder.resolve("spec.yaml"), PyTorchPolicyTest.SPEC);
  }

  private record Ran(int status, String said) {
    /** Says what is wrong with a refusal. */
    Stream<String> fault(String what) {
      if (status == 0) {
        return Stream.empty();
      }
      boolean ours = RAW.stream().noneMatch(said::contains) && said.matches("(?s).*[;,:-] .*");
      return ours && !said.isBlank() ? Stream.empty() : Stream.of(what + ": " + said.strip());
    }
  }

  private static Ran run(String... arguments) {
    var said = new StringWriter();
    int status =
        PolicyCommand.commandLine()
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(said))
            .execute(arguments);
    return new Ran(status, said.toString());
  }

  private Ran imported(Path out) {
    return run(
        "import",
        graph.toString(),
        "--state-dict",
        state.toString(),
        "--spec",
        spec.toString(),
        "--out",
        out.toString(),
        "--acts-only");
  }

  /** Damages a file somewhere; words for it. */
  private static String damage(Path file, SplittableRandom random) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    boolean head = random.nextBoolean(); // where names and numbers stand
    int at = random.nextInt(head ? Math.min(4000, bytes.length) : bytes.length);
    int kind = random.nextInt(5);
    switch (kind) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes = Arrays.copyOf(bytes, at);
      case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 16), (byte) 0);
      case 3 -> bytes[at] = (byte) random.nextInt(256);
      default -> {
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 7);
        System.arraycopy(bytes, at, longer, at + 7, bytes.length - at);
        bytes = longer;
      }
    }
    Files.write(file, bytes);
    return "%s %d at %d".formatted(file.getFileName(), kind, at);
  }

  @Test
  void eachImportOfDamagedFilesIsToldInOurWords() throws IOException {
    var random = new SplittableRandom(5);
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < IMPORTS; i++) {
      Path file = List.of(graph, graph, state, spec).get(random.nextInt(4));
      byte[] whole = Files.readAllBytes(file);
      String what = i + " " + damage(file, random);
      imported(folder.resolve("bundle_" + i)).fault(what).forEach(faults::add);
      Files.write(file, whole);
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void eachCommandSaysWhatIsWrongWithADamagedBundle() throws IOException {
    Path sound = folder.resolve("sound");
    Path damaged = folder.resolve("damaged");
    assertEquals(0, imported(sound).status());
    assertEquals(0, imported(damaged).status());
    List<Path> files;
    try (Stream<Path> all = Files.list(damaged)) {
      files = all.sorted().toList();
    }
    var random = new SplittableRandom(6);
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < IMPORTS; i++) {
      Path file = files.get(random.nextInt(files.size()));
      byte[] whole = Files.readAllBytes(file);
      String what = i + " " + damage(file, random);
      run("sign", damaged.toString(), "--changed").fault(what + " sign").forEach(faults::add);
      run("inspect", damaged.toString()).fault(what + " inspect").forEach(faults::add);
      run("history", damaged.toString()).fault(what + " history").forEach(faults::add);
      if (i % 10 == 0) { // each in a process of its own
        run("verify", damaged.toString()).fault(what + " verify").forEach(faults::add);
      }
      Ran diff = run("diff", sound.toString(), damaged.toString());
      if (!diff.said.isBlank()) { // it may just differ
        diff.fault(what + " diff").forEach(faults::add);
      }
      Files.write(file, whole);
      Files.write(
          damaged.resolve("signature.json"), Files.readAllBytes(sound.resolve("signature.json")));
    }
    assertEquals(List.of(), faults);
  }
}
