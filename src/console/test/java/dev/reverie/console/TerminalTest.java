package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.arm.PlanarArm;
import dev.reverie.rcljava.Context;
import dev.reverie.robot.RunningRobot;
import dev.reverie.robot.TestBundles;
import dev.reverie.rollout.Episode;
import dev.reverie.testing.Prepared;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code reverie status} and {@code reverie label} beside a real robot node. */
@Prepared
class TerminalTest {
  @TempDir Path folder;

  private RunningRobot robot() {
    Path bundle = folder.resolve("bundle");
    TestBundles.bundle(TestBundles.spec(), 0.1, 0).save(bundle);
    var robot = new RunningRobot(bundle, folder.resolve("rollouts"));
    robot.arm.describe(PlanarArm.xml());
    robot.arm.run(20);
    return robot;
  }

  private static String name(RunningRobot robot) {
    return robot.arm.node.namespace() + "/robot";
  }

  /** Runs a command, and returns its status and what it printed. */
  private static String run(CommandLine command, String... args) {
    var printed = new StringWriter();
    command.setOut(new PrintWriter(printed)).setErr(new PrintWriter(printed));
    return command.execute(args) + " " + printed;
  }

  @Test
  void statusSaysWhatTheArmDoesAndLabelEndsItsEpisode() throws Exception {
    try (var robot = robot()) {
      String idle = run(LabelCommand.commandLine(), "--node", name(robot), "success");
      assertTrue(
          idle.startsWith("1 reverie label: no episode runs; name the one to label: --episode ID"),
          idle);
      var handle = robot.send(RunningRobot.goal());
      String status = run(StatusCommand.commandLine(), "--node", name(robot));
      assertTrue(status.startsWith("0 robot     " + name(robot)), status);
      assertTrue(status.contains(RunningRobot.goal().instruction()), status);
      assertTrue(status.contains("runs on   CPU"), status);
      assertTrue(status.contains("joint     shoulder "), status);
      assertFalse(status.contains("from ? to ?"), status);
      assertTrue(status.contains("stream    joint states "), status);
      String told =
          run(
              LabelCommand.commandLine(),
              "--node",
              name(robot),
              "--person",
              "Ada",
              "--note",
              "it slipped",
              "failure");
      assertTrue(told.startsWith("0 ") && told.contains(" failure"), told);
      Episode episode = Episode.read(Path.of(RunningRobot.end(handle).bag()));
      assertEquals("Ada", episode.outcome().labeller());
      assertEquals("it slipped", episode.outcome().reason());
      String amended = run(LabelCommand.commandLine(), "--node", name(robot), "success");
      assertTrue(amended.startsWith("0 ") && amended.contains(" success"), amended);
    }
  }

  @Test
  void eachKeyDoesWhatItSaysAndUndoTakesALabelBack() throws Exception {
    try (var robot = robot();
        Context context = Context.init();
        var link = new RobotLink(context, "label", name(robot), () -> {})) {
      link.start();
      link.awaitRobot(Duration.ofSeconds(20));
      var keys = new LabelKeys(link, "Ada");
      assertEquals(Optional.empty(), keys.press('z'));
      assertEquals(Optional.of("nothing to undo"), keys.press('u'));
      assertTrue(keys.press('s').orElseThrow().startsWith("not done: no episode runs"));
      var handle = robot.send(RunningRobot.goal());
      await(() -> link.watch().snapshot().tick().tick() > 1);
      String labelled = keys.press('S').orElseThrow();
      assertTrue(labelled.endsWith(" success"), labelled);
      String bag = RunningRobot.end(handle).bag();
      await(() -> link.watch().snapshot().ended().size() == 1);
      String last = Headline.last(link.watch().snapshot());
      assertTrue(last.endsWith(" success, says Ada"), last);
      String undone = keys.press('u').orElseThrow();
      assertTrue(undone.endsWith(" again unlabelled"), undone);
      assertEquals("UNLABELLED", Episode.read(Path.of(bag)).outcome().kind().name());
      assertEquals(Optional.of("stopped"), keys.press('x'));
      await(() -> Headline.of(link.watch().snapshot()).equals("stopped"));
      assertEquals(Optional.of("episodes may begin again"), keys.press('r'));
      await(() -> Headline.of(link.watch().snapshot()).equals("ready"));
    }
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < end, "it did not come");
      Thread.sleep(20);
    }
  }

  @Test
  void whatIsMissingIsSaid() {
    assertTrue(
        run(StatusCommand.commandLine(), "--node", "robot").startsWith("1 reverie status: --node"));
    String none = run(StatusCommand.commandLine(), "--node", "/nobody");
    assertTrue(none.startsWith("1 ") && none.contains("no robot node /nobody is there"), none);
    String odd = run(LabelCommand.commandLine(), "--person", "robot", "success");
    assertTrue(odd.startsWith("2 ") && odd.contains("give another name"), odd);
  }
}
