package dev.reverie.robot;

import dev.reverie.msgs.reverie.Status;
import dev.reverie.rcljava.Graph;
import dev.reverie.rcljava.MessageInfo;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.Subscription;
import dev.reverie.rcljava.SubscriptionOptions;
import dev.reverie.robot.control.Surroundings;
import dev.reverie.robot.setup.RobotException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Hears whether another robot node of the same name runs, by what comes on the own {@code
 * ~/status}. One that is new ends itself where the other said something before it began; one that
 * is not holds the arm until the other is gone ({@link Surroundings}). A node that was killed and
 * is still listed says nothing: who is started after it is not kept from running.
 */
final class Namesake implements AutoCloseable {
  /** Statuses that a node keeps for who comes late: the oldest of them tells who was first. */
  static final int KEPT = 100;

  /** Nodes of one machine are mostly discovered within this time. */
  private static final long DISCOVERY_NANOS = 500_000_000L;

  /** So long a node is new: Fast DDS announces each process every 3 s. */
  private static final long NEW_NANOS = 10_000_000_000L;

  /** A robot node says how it is each second. */
  private static final Duration STATUS = Duration.ofMillis(2500);

  private final Graph graph;
  private final String name;
  private final long since = System.nanoTime();
  private final Set<MessageInfo.Gid> heard = ConcurrentHashMap.newKeySet();
  private final Consumer<RobotException> end;
  private final Subscription<Status> statuses;
  private volatile int own;
  private volatile long begunNanos; // system time, as stamps of messages have it

  private Namesake(Node node, Consumer<RobotException> end) {
    graph = node.graph();
    name = node.fullName();
    this.end = end;
    // The last statuses are kept by their publisher: they come as soon as that is discovered.
    statuses =
        node.createSubscription(
            Status.TYPE,
            "~/status",
            Qos.transientLocal(KEPT),
            SubscriptionOptions.DEFAULT,
            (status, info) -> hear(info));
  }

  /**
   * Begins to listen; to be called before the node publishes its status.
   *
   * @param end ends the node with the reason, where another one is heard after {@link #begin}
   */
  static Namesake listen(Node node, Consumer<RobotException> end) {
    return new Namesake(node, end);
  }

  private void hear(MessageInfo from) {
    boolean news = heard.add(from.publisherGid());
    boolean wasFirst = from.sourceStampNanos() < begunNanos;
    if (news && wasFirst && own > 0 && System.nanoTime() - since < NEW_NANOS) {
      another().ifPresent(end);
    }
  }

  /** Waits until another node is heard, or had the time to be; not for the executor's thread. */
  void await() {
    Duration left = Duration.ofNanos(Math.max(0, since + DISCOVERY_NANOS - System.nanoTime()));
    if (graph.await(left, () -> !heard.isEmpty() || Surroundings.duplicate(graph, name))) {
      graph.await(STATUS, () -> !heard.isEmpty());
    }
  }

  /**
   * Refuses to go on where another node was heard; what this node says itself counts from now on.
   *
   * @throws RobotException with the name and the remedy
   */
  void begin() {
    Optional<RobotException> another = another();
    if (another.isPresent()) {
      throw another.get();
    }
    begunNanos = TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis());
    own = 1;
  }

  private Optional<RobotException> another() {
    return heard.size() > own
        ? Optional.of(
            new RobotException(
                ("a robot node named %s runs already, and both would move the arm; stop that one,"
                        + " or give this one another name: --ros-args -r __node:=NAME")
                    .formatted(name)))
        : Optional.empty();
  }

  @Override
  public void close() {
    statuses.close();
  }
}
