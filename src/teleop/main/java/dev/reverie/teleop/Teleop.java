package dev.reverie.teleop;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.msgs.sensor_msgs.Joy;
import dev.reverie.msgs.std_msgs.Float64;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Executor;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Publisher;
import dev.reverie.rcljava.Qos;
import dev.reverie.rcljava.RclException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code reverie teleop}: a person moves the tip by keyboard, or by a gamepad on the topic {@code
 * joy}. Publishes geometry_msgs/msg/TwistStamped on {@code teleop_twist} and the gripper's
 * position, std_msgs/msg/Float64, on {@code teleop_gripper}, where the arm file's {@code
 * teleoperation} has the robot node take them.
 */
@Command(
    name = "teleop",
    description = "A person moves the tip of the arm by keyboard, or by a gamepad (topic joy).",
    footer = {
      "",
      Keys.HELP,
      "Everything else is a ROS 2 argument, such as:",
      "  --ros-args -r teleop_twist:=/servo_node/delta_twist_cmds"
    },
    mixinStandardHelpOptions = true)
public final class Teleop implements Callable<Integer> {
  private static final Duration PERIOD = Duration.ofMillis(33);
  private static final long JOY_NANOS = 500_000_000L; // joy_node repeats some times a second

  private static final String NO_TIP =
      "nobody hears %s, so that the tip does not move: start the robot node in this ROS domain, and set teleoperation: {twist: teleop_twist, tip_link: LINK} in its arm file";

  private static final String NO_GRIPPER =
      "nobody hears %s, so that no gripper moves: set gripper: teleop_gripper and gripper_joint: JOINT in teleoperation of the arm file";

  @Option(
      names = "--frame",
      paramLabel = "LINK",
      defaultValue = "base_link",
      description = "link in whose axes the tip moves (default: ${DEFAULT-VALUE})")
  private String frame = "";

  @Option(
      names = "--linear",
      paramLabel = "M/S",
      defaultValue = "0.1",
      description = "full speed (default: ${DEFAULT-VALUE} m/s)")
  private double linear;

  @Option(
      names = "--angular",
      paramLabel = "RAD/S",
      defaultValue = "0.5",
      description = "full speed of turning (default: ${DEFAULT-VALUE} rad/s)")
  private double angular;

  @Option(
      names = "--open",
      paramLabel = "POSITION",
      defaultValue = "1",
      description = "of the gripper's joint when open, rad or m (default: ${DEFAULT-VALUE})")
  private double open;

  @Option(
      names = "--closed",
      paramLabel = "POSITION",
      defaultValue = "0",
      description = "of the gripper's joint when closed (default: ${DEFAULT-VALUE})")
  private double closed;

  private final Context context;
  private final Keys keys = new Keys();
  private final StatusLine line = new StatusLine();
  private @Nullable Joy joy;
  private long joyNanos;

  private Teleop(Context context) {
    this.context = context;
  }

  public static void main(String[] args) {
    int status;
    try (Context context = Context.init(args)) {
      status =
          new CommandLine(new Teleop(context)).execute(context.arguments().toArray(String[]::new));
    } catch (RclException e) {
      System.err.println("reverie teleop: " + e.getMessage());
      status = CommandLine.ExitCode.SOFTWARE;
    }
    System.exit(status);
  }

  @Override
  public Integer call() {
    if (!(linear > 0 && angular > 0 && Double.isFinite(linear + angular + open + closed))) {
      System.err.println(
          "reverie teleop: --linear and --angular must be above zero, all numbers finite");
      return CommandLine.ExitCode.USAGE;
    }
    if (frame.isBlank()) {
      System.err.println(
          "reverie teleop: --frame is '%s'; name the link in whose axes the tip moves, such as base_link"
              .formatted(frame));
      return CommandLine.ExitCode.USAGE;
    }
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      if (terminal instanceof DumbTerminal) {
        System.err.println(
            "reverie teleop: standard input is no terminal, and its keys are what moves the arm and ends this; start it in a terminal, over ssh with ssh -t");
        return CommandLine.ExitCode.USAGE;
      }
      return teleoperate(terminal);
    } catch (RclException e) {
      System.err.println("reverie teleop: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int teleoperate(Terminal terminal) throws IOException {
    try (var executor = new Executor(context)) {
      Node node = context.createNode("teleop");
      executor.add(node);
      node.createSubscription(Joy.TYPE, "joy", Qos.SENSOR_DATA, this::took);
      Attributes before = terminal.enterRawMode();
      try {
        terminal.writer().println(Keys.HELP.replace("\n", "\r\n"));
        terminal.flush();
        publish(node, executor, terminal);
      } finally {
        say(terminal, "");
        terminal.setAttributes(before);
      }
      return CommandLine.ExitCode.OK;
    }
  }

  private void took(Joy message) {
    joy = message;
    joyNanos = System.nanoTime();
  }

  private void publish(Node node, Executor executor, Terminal terminal) throws IOException {
    Publisher<TwistStamped> twists =
        node.createPublisher(TwistStamped.TYPE, "teleop_twist", Qos.reliable(1));
    Publisher<Float64> grippers =
        node.createPublisher(Float64.TYPE, "teleop_gripper", Qos.reliable(1));
    var tips = new Unheard(NO_TIP.formatted(twists.topic()), System.nanoTime());
    var hands = new Unheard(NO_GRIPPER.formatted(grippers.topic()), System.nanoTime());
    boolean moved = false;
    boolean gripped = false;
    while (context.isOk() && !keys.ended()) {
      int key = terminal.reader().read(PERIOD.toMillis());
      while (key >= 0) {
        keys.press(key, System.nanoTime());
        key = terminal.reader().read(1);
      }
      if (key == -1) {
        return; // the end of the input
      }
      executor.spinOnce(Duration.ZERO);
      Jog jog = jog();
      if (moved || !jog.equals(Jog.REST)) { // one rest after the last move, then silence: let go
        var header = new Header(Stamps.time(node.clock().nowNanos()), frame);
        double share = keys.speed();
        twists.publish(new TwistStamped(header, jog.twist(share * linear, share * angular)));
      }
      moved = !jog.equals(Jog.REST);
      Optional<Boolean> grip = gripperOpen();
      grip.ifPresent(to -> grippers.publish(new Float64(to ? open : closed)));
      gripped |= grip.isPresent(); // many arms have none: nothing is told before it is asked for
      String tip = tips.notice(twists.subscriptionCount(), System.nanoTime());
      String hand = hands.notice(grippers.subscriptionCount(), System.nanoTime());
      say(terminal, tip.isEmpty() && gripped ? hand : tip);
    }
  }

  private void say(Terminal terminal, String text) {
    terminal.writer().print(line.change(text, terminal.getWidth()));
    terminal.flush();
  }

  /** A gamepad whose switch is held goes before the keyboard. */
  private Jog jog() {
    Jog pad = padded() == null ? Jog.REST : Pad.jog(padded());
    return pad.equals(Jog.REST) ? keys.jog(System.nanoTime()) : pad;
  }

  private Optional<Boolean> gripperOpen() {
    Joy now = padded();
    return now == null ? keys.gripperOpen() : Pad.gripperOpen(now).or(keys::gripperOpen);
  }

  private @Nullable Joy padded() {
    return System.nanoTime() - joyNanos < JOY_NANOS ? joy : null;
  }
}
