package dev.reverie.calibrate;

import dev.reverie.arm.ArmException;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import dev.reverie.rollout.EpisodeException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code reverie calibrate camera} and {@code reverie calibrate hand-eye}. */
@Command(
    name = "reverie calibrate",
    description = "Lens of a camera, and where it stands.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "camera|hand-eye")
public final class CalibrateCommand implements Runnable {
  @Spec private CommandSpec spec;

  private CalibrateCommand() {
    spec = CommandSpec.create();
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(List.of(ros))::execute));
  }

  /**
   * The command.
   *
   * @param rosArguments from {@code --ros-args} on, for what is live
   */
  static CommandLine commandLine(List<String> rosArguments) {
    CommandLine line = new CommandLine(new CalibrateCommand());
    line.addSubcommand(new CameraCommand(rosArguments));
    line.addSubcommand(new HandEyeCommand(rosArguments));
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof CalibrateException
              || e instanceof ArmException
              || e instanceof EpisodeException
              || e instanceof RclException
              || e instanceof IllegalArgumentException) {
            command.getErr().println("reverie calibrate: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
          }
          throw e;
        });
    return line;
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "calibrate what? camera or hand-eye");
  }
}
