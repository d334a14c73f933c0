package dev.reverie.console;

import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.RclException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A ROS 2 node that hears a robot node and asks it, with the threads for that. */
final class RobotLink implements AutoCloseable {
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final Context context;
  private final Node node;
  private final Executor executor;
  private final Thread spinner;
  private final ScheduledExecutorService slow;
  private final RobotWatch watch;
  private final RobotClients clients;

  /**
   * Prepares to listen; nothing is heard before {@link #start}.
   *
   * @param name of the own node
   * @param robot full name of the robot node
   * @param setUp is told on the thread of {@link #later} when the robot's set-up is known, or
   *     changed
   */
  RobotLink(Context context, String name, String robot, Runnable setUp) {
    requireName(robot);
    this.context = context;
    node = context.createNode(name);
    executor = new Executor(context);
    executor.add(node);
    slow =
        Executors.newSingleThreadScheduledExecutor(
            work -> Thread.ofPlatform().name("console-work").daemon().unstarted(work));
    watch = new RobotWatch(node, robot, slow, setUp);
    clients = new RobotClients(node, robot);
    spinner = Thread.ofPlatform().name("console-ros").daemon().unstarted(executor::spin);
  }

  /** Refuses what is no full name of a node. */
  private static void requireName(String robot) {
    if (!robot.matches("/([A-Za-z_][A-Za-z0-9_]*/)*[A-Za-z_][A-Za-z0-9_]*")) {
      throw new ConsoleException(
          "--node %s; give the full name of a node, such as /left/robot".formatted(robot));
    }
  }

  void start() {
    spinner.start();
  }

  /** Runs what takes a while on a thread of its own, one after the other. */
  void later(Runnable work) {
    if (context.isOk()) {
      slow.execute(work);
    }
  }

  Node node() {
    return node;
  }

  RobotWatch watch() {
    return watch;
  }

  RobotClients clients() {
    return clients;
  }

  /**
   * Waits until the robot node was heard.
   *
   * @throws ConsoleException where it is not there in time
   */
  void awaitRobot(Duration limit) {
    if (!await(limit, () -> watch.snapshot().robot().there())) {
      throw new ConsoleException(
          "no robot node %s is there on ROS domain %s; start it, or name it with --node"
              .formatted(
                  watch.snapshot().robot().name(),
                  System.getenv().getOrDefault("ROS_DOMAIN_ID", "0")));
    }
  }

  /** Waits until what this link heard is so, and says whether it came in time. */
  boolean await(Duration limit, BooleanSupplier heard) {
    return node.graph().await(limit, heard);
  }

  @Override
  public void close() {
    try {
      executor.close();
      spinner.join(GRACE);
      slow.shutdownNow();
      boolean _ = slow.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RclException e) {
      node.logger().log(System.Logger.Level.DEBUG, e.toString());
    }
    node.close();
  }
}
