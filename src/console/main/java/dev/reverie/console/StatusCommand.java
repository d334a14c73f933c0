package dev.reverie.console;

import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.ProgramArguments;
import dev.reverie.rcljava.RclException;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reverie status}: what the arm does, in a terminal. */
@Command(
    name = "status",
    description = "Says what the robot node and its arm do now.",
    footer = {"", "Status: 0 the robot node is there, 1 it is not, 2 wrong arguments."},
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  private static final Duration THERE = Duration.ofSeconds(8);

  /** At most for the answer about the robot's set-up, which names the topics to listen to. */
  private static final Duration SET_UP = Duration.ofSeconds(8);

  /** Time for joint states to come. */
  private static final Duration LISTEN = Duration.ofSeconds(2);

  @Mixin private final RobotOption robot = new RobotOption();

  @Option(names = "--json", description = "For programs: what the console's page gets.")
  private boolean json;

  @Spec private CommandSpec spec;

  private final String[] rosArguments;

  private StatusCommand(String... rosArguments) {
    this.rosArguments = rosArguments.clone();
  }

  static CommandLine commandLine(String... rosArguments) {
    return new CommandLine(new StatusCommand(rosArguments));
  }

  public static void main(String[] args) {
    System.exit(ProgramArguments.of(args).run(ros -> commandLine(ros)::execute));
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Context context = Context.init(rosArguments);
        var link = new RobotLink(context, "status", robot.name(), () -> {})) {
      link.start();
      link.awaitRobot(THERE);
      boolean _ = link.await(SET_UP, () -> link.watch().setup() != RobotSetup.UNKNOWN);
      Thread.sleep(LISTEN);
      Snapshot now = link.watch().snapshot();
      spec.commandLine().getOut().print(json ? Json.write(now) + "\n" : Headline.text(now));
      spec.commandLine().getOut().flush();
      return CommandLine.ExitCode.OK;
    } catch (ConsoleException | RclException e) {
      spec.commandLine().getErr().println("reverie status: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }
}
