package dev.reverie.bundle;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy verify}. */
@Command(
    name = "verify",
    description =
        "Whether a robot would take a bundle: format, hashes, graph, probe, signatures, limits. It is"
            + " tried in a process of its own.",
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:it would", "1:it would not, and why stands on standard error"})
final class VerifyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = "The policy's folder.")
  private Path folder;

  @Option(
      names = "--keys",
      paramLabel = "FOLDER",
      description = "Public keys (*.pem) of those who may sign, as the node's swap.keys.")
  private @Nullable Path keys;

  @Option(names = "--trains", description = "Also asks the trainer whether it can be trained.")
  private boolean trains;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "By then a bundle that is not tried to its end is refused, as by the node's"
              + " swap.load_timeout_s (default: ${DEFAULT-VALUE}).")
  private double timeoutS;

  @Option(
      names = "--memory-mb",
      paramLabel = "MIB",
      defaultValue = "4096",
      description =
          "That the process may take in which it is tried, as the node's swap.memory_mb (default:"
              + " ${DEFAULT-VALUE}).")
  private long memoryMb;

  @Override
  public Integer call() {
    PrintWriter print = spec.commandLine().getOut();
    var trial = new VerifyTrial(timeoutS, memoryMb);
    trial.run(
        folder,
        keys == null ? "" : keys.toString(),
        line -> {
          print.println(line);
          print.flush();
        });
    if (trains) {
      TrainerCheck.run(folder.toAbsolutePath(), Optional.of(trial)).forEach(print::println);
    }
    print.println("the bundle is sound");
    print.flush();
    return 0;
  }
}
