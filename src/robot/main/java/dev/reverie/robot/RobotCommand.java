package dev.reverie.robot;

import dev.reverie.arm.ArmException;
import dev.reverie.policy.BundleException;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.RclException;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.robot.swap.Inference;
import dev.reverie.robot.swap.LivePolicy;
import dev.reverie.robot.swap.ProcessEnd;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code reverie robot --ros-args ...}: the node beside the arm. */
@Command(
    name = "robot",
    description = "The node beside the arm: runs a policy, records what happens, swaps policies.",
    footer = {
      "",
      "Everything else is a ROS 2 argument, such as:",
      "  --ros-args -p bundle:=models/base -p rollouts_dir:=rollouts -r camera/image_raw:=wrist/rgb"
    },
    mixinStandardHelpOptions = true)
public final class RobotCommand implements Callable<Integer> {
  private final Context context;

  private RobotCommand(Context context) {
    this.context = context;
  }

  public static void main(String[] args) {
    int status;
    try (Context context = Context.init(args)) {
      status =
          new CommandLine(new RobotCommand(context))
              .execute(context.arguments().toArray(String[]::new));
    } catch (RclException e) {
      System.err.println("reverie robot: " + e.getMessage());
      status = CommandLine.ExitCode.SOFTWARE;
    }
    if (LivePolicy.isAnyLoading() || Inference.isAnyRunning()) { // it has waited long enough
      ProcessEnd.now(status);
    }
    System.exit(status);
  }

  @Override
  public Integer call() {
    try (var executor = new Executor(context);
        var robot = RobotNode.start(context, executor, true)) {
      robot.spin();
      return CommandLine.ExitCode.OK;
    } catch (RobotException | ArmException | BundleException | RclException e) {
      if (e instanceof RclException && !context.isOk()) {
        return CommandLine.ExitCode.OK; // a signal came while the node was made
      }
      System.err.println("reverie robot: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }
}
