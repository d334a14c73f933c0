package dev.reverie.sim;

import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.RclException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * {@code reverie simulated-arm --ros-args ...}: an arm in physics behind the topics of a real one.
 */
@Command(
    name = "simulated-arm",
    description = "An arm in physics, behind the same topics as a real one.",
    footer = {
      "",
      "simulated-arm expert [--task=NAME] [--episodes=N] runs a scripted expert without ROS.",
      "simulated-arm tasks tells what the planar arm can be asked to do, as JSON.",
      "Everything else is a ROS 2 argument, such as:",
      "  --ros-args -p lock_step:=true -p image_size:=96 -r camera/image_raw:=wrist/rgb",
      "  --ros-args -p task:=press -p shift:=background",
      "  --ros-args -p scene:=arms/simulated_so101/so101.xml",
      "docs/second-arm.md has the parameters of an arm in a scene of a file."
    },
    mixinStandardHelpOptions = true)
public final class SimulatedArmCommand implements Callable<Integer> {
  private final Context context;

  private SimulatedArmCommand(Context context) {
    this.context = context;
  }

  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      Optional<Callable<Integer>> other = args.length > 0 ? withoutRos(args[0]) : Optional.empty();
      if (other.isPresent()) {
        return new CommandLine(other.get())
            .setExecutionExceptionHandler((e, line, parsed) -> refused(e))
            .execute(Arrays.copyOfRange(args, 1, args.length));
      }
      try (Context context = Context.init(args)) {
        return new CommandLine(new SimulatedArmCommand(context))
            .setExecutionExceptionHandler((e, line, parsed) -> refused(e))
            .execute(context.arguments().toArray(String[]::new));
      }
    } catch (RclException e) {
      return refused(e);
    }
  }

  private static Optional<Callable<Integer>> withoutRos(String name) {
    return switch (name) {
      case "expert" -> Optional.of(new ExpertCommand());
      case "tasks" -> Optional.of(new TasksCommand());
      default -> Optional.empty();
    };
  }

  /** Tells in a line what the user can mend; anything else is a defect and shows where it is. */
  private static int refused(Exception e) {
    if (e instanceof MujocoException
        || e instanceof RclException
        || e instanceof IllegalArgumentException) {
      System.err.println("reverie simulated-arm: " + e.getMessage());
    } else {
      e.printStackTrace();
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  @Override
  public Integer call() {
    try (var executor = new Executor(context);
        var _ = new SimulatedArm(context, executor)) {
      executor.spin();
      return CommandLine.ExitCode.OK;
    }
  }
}
