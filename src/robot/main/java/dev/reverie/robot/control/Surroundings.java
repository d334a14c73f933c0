package dev.reverie.robot.control;

import dev.reverie.rcljava.Graph;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.motion.Drive;
import dev.reverie.robot.sense.HoldReason;
import dev.reverie.robot.sense.HoldReason.Kind;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Watches the ROS graph for what no message tells: a second node of this one's name, and that
 * nobody hears or takes the commands. For the control thread.
 */
public final class Surroundings {
  /** Time after a controller is back by which what it had been sent before is over. */
  private static final long SETTLES_NANOS = 1_000_000_000L;

  private static final long LISTEN_NANOS = 50_000_000L;

  private final Graph graph;
  private final String name;
  private final Optional<String> commands;
  private final Optional<Drive> drive;
  private final Supplier<Optional<HoldReason>> unbraked;
  private final BooleanSupplier moves;
  private Optional<HoldReason> namesake = Optional.empty();
  private Optional<HoldReason> controller = Optional.empty();
  private boolean known; // somebody took the commands once
  private long listenedNanos;
  private long goneNanos; // when it was last seen to be

  /**
   * Creates a watch that has not looked yet and so knows no fault.
   *
   * @param commands topic that somebody has to hear; empty: nobody has to
   * @param drive whose controller has to be there and to take the commands; empty: it has not to
   * @param unbraked why the process beside this one may not be able to brake the arm
   * @param moves whether commands go to the arm; in shadow nothing of its controller is needed
   */
  public Surroundings(
      Node node,
      Optional<String> commands,
      Optional<Drive> drive,
      Supplier<Optional<HoldReason>> unbraked,
      BooleanSupplier moves) {
    this.unbraked = unbraked;
    this.drive = drive;
    this.moves = moves;
    graph = node.graph();
    name = node.fullName();
    this.commands = commands.map(node::resolveTopic);
  }

  /**
   * Returns why the arm may not be moved: as it was at the last look, and what was refused since.
   */
  public Optional<HoldReason> fault() {
    return namesake.or(
        () ->
            moves.getAsBoolean()
                ? controller.or(() -> drive.flatMap(Drive::fault)).or(unbraked)
                : Optional.empty());
  }

  /** Looks at the graph as it is now. */
  public void look() {
    namesake = duplicate(graph, name) ? Optional.of(twice()) : Optional.empty();
    listen(true);
  }

  /** Looks whether somebody takes the commands, where that was not done just now. */
  public void watch() {
    if (System.nanoTime() - listenedNanos > LISTEN_NANOS) {
      listen(known); // who was never there may not be discovered yet
    }
  }

  private void listen(boolean counts) {
    Optional<HoldReason> gone = unheard().or(() -> drive.flatMap(Drive::absent));
    long now = System.nanoTime();
    listenedNanos = now;
    if (gone.isPresent()) {
      goneNanos = now;
      controller = counts ? gone : controller;
    } else if (known && now - goneNanos <= SETTLES_NANOS) {
      controller = controller.map(Surroundings::settles);
    } else {
      known = true;
      controller = Optional.empty();
    }
  }

  private static HoldReason settles(HoldReason gone) {
    return HoldReason.about(
        Kind.NO_CONTROLLER,
        gone.about(),
        "the controller of '%s' is back; the arm goes on when it surely rests",
        gone.about());
  }

  /** Returns whether a graph has more than one node of a full name. */
  public static boolean duplicate(Graph graph, String name) {
    return graph.nodes().stream().filter(node -> node.fullName().equals(name)).count() > 1;
  }

  private HoldReason twice() {
    return HoldReason.about(
        Kind.DUPLICATE_NODE,
        name,
        "another node has the name %s, and both would move the arm; stop one of them, or give one"
            + " another name: --ros-args -r __node:=NAME",
        name);
  }

  private Optional<HoldReason> unheard() {
    return commands
        .filter(topic -> graph.countSubscriptions(topic) == 0)
        .map(
            topic ->
                HoldReason.about(
                    Kind.NO_CONTROLLER,
                    topic,
                    "nobody takes the commands on '%s'; start the arm's controller, or say where it"
                        + " listens: --ros-args -p controller.topic:=/CONTROLLER/joint_trajectory",
                    topic));
  }
}
