package dev.reverie.robot;

import dev.reverie.msgs.reverie.Status;
import dev.reverie.rcljava.Graph;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import java.time.Duration;

/**
 * Hears whether a robot node of the same name runs already, by what comes on the own {@code
 * ~/status} before this node says anything there. A node that was killed and is still listed says
 * nothing: who is started after it is not kept from running.
 */
final class Namesake implements AutoCloseable {
  /** Nodes of one machine are discovered in tens of milliseconds, on a busy one in hundreds. */
  private static final long DISCOVERY_NANOS = 500_000_000L;

  /** A robot node says how it is each second. */
  private static final Duration STATUS = Duration.ofMillis(2500);

  private final Graph graph;
  private final String name;
  private final long since = System.nanoTime();
  private final Subscription<Status> statuses;
  private volatile boolean runs;

  private Namesake(Node node) {
    graph = node.graph();
    name = node.fullName();
    // The last status is kept by its publisher: it comes as soon as that is discovered.
    statuses =
        node.createSubscription(
            Status.TYPE, "~/status", Qos.transientLocal(1), status -> runs = true);
  }

  /** Begins to listen; to be called before the node publishes its status. */
  static Namesake listen(Node node) {
    return new Namesake(node);
  }

  /** Waits until another node is heard, or had the time to be; not for the executor's thread. */
  void await() {
    Duration left = Duration.ofNanos(Math.max(0, since + DISCOVERY_NANOS - System.nanoTime()));
    if (graph.await(left, () -> runs || Surroundings.duplicate(graph, name))) {
      graph.await(STATUS, () -> runs);
    }
  }

  /**
   * Refuses to go on where another node was heard.
   *
   * @throws RobotException with the name and the remedy
   */
  void requireNone() {
    if (runs) {
      throw new RobotException(
          ("a robot node named %s runs already, and both would move the arm; stop that one, or give"
                  + " this one another name: --ros-args -r __node:=NAME")
              .formatted(name));
    }
  }

  @Override
  public void close() {
    statuses.close();
  }
}
