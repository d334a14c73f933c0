package dev.reverie.bundle;

import dev.reverie.arm.ArmException;
import dev.reverie.policy.BundleException;
import dev.reverie.report.ReverieProcessException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code reverie policy}: policies of others become bundles, and bundles are looked at. */
@Command(
    name = "policy",
    description =
        "Makes policy bundles of other programs' graphs; shows, checks, compares and signs them.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      ImportCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      DiffCommand.class,
      HistoryCommand.class,
      SignCommand.class
    })
public final class PolicyCommand {
  private PolicyCommand() {}

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new PolicyCommand());
    commandLine.setExecutionExceptionHandler(
        (e, command, result) -> {
          if (e instanceof BundleException
              || e instanceof ArmException
              || e instanceof ReverieProcessException
              || e instanceof IllegalArgumentException) {
            command.getErr().println("reverie policy: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
          }
          throw e;
        });
    return commandLine;
  }

  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }
}
