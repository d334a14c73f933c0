package dev.reverie.bundle;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.GraphSpec;
import dev.reverie.policy.PolicyBundle;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy import}. */
@Command(
    name = "import",
    description = "A policy of PyTorch or of another program, exported to ONNX, becomes a bundle.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the bundle is written",
      "1:it is not, and why stands on standard error",
      "2:the command line is wrong"
    })
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..2",
      paramLabel = "GRAPH",
      description = "ONNX file; or encode=FILE step=FILE, of a policy in two graphs.")
  private List<String> graphs;

  @Option(
      names = "--state-dict",
      required = true,
      paramLabel = "FILE",
      description =
          "Safetensors with the policy's parameters and buffers, or with tensors that normalise;"
              + " repeat for several.")
  private List<Path> stateDicts;

  @Option(
      names = "--spec",
      required = true,
      paramLabel = "FILE",
      description = "YAML or JSON with the keys of bundle.json: docs/own-policy.md.")
  private Path specFile;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "BUNDLE",
      description = "Folder to write; must not exist yet.")
  private Path out;

  @Option(
      names = "--arm",
      paramLabel = "FILE",
      description = "Arm file, for joints, cameras, actions and chunk that the spec leaves out.")
  private @Nullable Path arm;

  @Option(
      names = "--probe",
      paramLabel = "FILE",
      description = "Safetensors: observations, and what the exporter's own program gave.")
  private @Nullable Path probe;

  @Option(
      names = "--tokenizer",
      paramLabel = "FILE",
      description = "The tokenizer.json (default: beside the spec).")
  private @Nullable Path tokenizer;

  @Option(
      names = "--acts-only",
      description = "Writes a policy that is never trained; the trainer is not asked.")
  private boolean actsOnly;

  @Override
  public Integer call() {
    PrintWriter print = spec.commandLine().getOut();
    var source =
        new PolicyImport.Source(
            byRole(graphs),
            stateDicts,
            specFile,
            Optional.ofNullable(arm),
            Optional.ofNullable(probe),
            Optional.ofNullable(tokenizer),
            actsOnly);
    PolicyBundle bundle =
        new PolicyImport(
                source,
                line -> {
                  print.println(line);
                  print.flush();
                })
            .write(out);
    print.printf("%s is written: policy %s%n", out, bundle.id());
    print.printf("next: ./reverie policy inspect %s%n", out);
    print.flush();
    return 0;
  }

  private static Map<String, Path> byRole(List<String> words) {
    Map<String, Path> byRole = new TreeMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      String role = equals < 0 ? GraphSpec.ACT : word.substring(0, equals);
      if (byRole.put(role, Path.of(word.substring(equals + 1))) != null) {
        throw new BundleException(
            "two graphs have the role %s; give one graph, or encode=FILE step=FILE"
                .formatted(role));
      }
    }
    if (!byRole.keySet().equals(Set.of(GraphSpec.ACT))
        && !byRole.keySet().equals(Set.of(GraphSpec.ENCODE, GraphSpec.STEP))) {
      throw new BundleException(
          "graphs of the roles %s; give one graph, or encode=FILE step=FILE"
              .formatted(byRole.keySet()));
    }
    return byRole;
  }
}
