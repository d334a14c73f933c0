package dev.reverie.bundle;

import dev.reverie.policy.PolicyBundle;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reverie policy inspect}. */
@Command(
    name = "inspect",
    description = "What a bundle is: what goes in and comes out, weights, operators, history.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "BUNDLE", description = "The policy's folder.")
  private Path bundle;

  @Override
  public Integer call() {
    PrintWriter print = spec.commandLine().getOut();
    Portrait.of(bundle, PolicyBundle.load(bundle)).forEach(print::println);
    print.flush();
    return 0;
  }
}
