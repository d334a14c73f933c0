package dev.reverie.teleop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.geometry_msgs.TwistStamped;
import dev.reverie.rcljava.Context;
import dev.reverie.rcljava.Node;
import dev.reverie.rcljava.Qos;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.File;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a process of its own, without a terminal. */
@Prepared
class TeleopTest {
  @TempDir Path folder;

  private static List<String> command(String... args) {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Teleop.class.getName()));
    command.addAll(List.of(args));
    return command;
  }

  private static void refused(File input, String told, String... args) throws Exception {
    Process process =
        new ProcessBuilder(command(args)).redirectErrorStream(true).redirectInput(input).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(2, process.waitFor(), said);
    assertTrue(said.contains(told), said);
  }

  @Test
  void withoutATerminalItSaysWhereToStartIt() throws Exception {
    refused(new File("/dev/null"), "standard input is no terminal, ");
    Path keys = Files.writeString(folder.resolve("keys.txt"), "wwww");
    refused(keys.toFile(), "start it in a terminal, over ssh with ssh -t");
  }

  @Test
  void whatMovesNothingIsRefused() throws Exception {
    File nothing = new File("/dev/null");
    refused(nothing, "--frame is ''; name the link in whose axes", "--frame", "");
    refused(nothing, "--frame is '  '; name the link", "--frame", "  ");
    refused(nothing, "--linear and --angular must be above zero", "--linear", "0");
  }

  @Test
  void whoIsHeardByNobodyIsToldTheRemedyUntilSomebodyListens() throws Exception {
    String space = "/unheard_" + ProcessHandle.current().pid();
    List<String> typed = Python.command("teleop/test/python/keys.py");
    typed.addAll(command("--ros-args", "-r", "__ns:=" + space));
    Process terminal = new ProcessBuilder(typed).redirectErrorStream(true).start();
    CompletableFuture.delayedExecutor(3, TimeUnit.MINUTES).execute(terminal::destroyForcibly);
    try (Context context = Context.init("--ros-args", "-r", "__ns:=" + space);
        var keys = terminal.outputWriter();
        var shown = terminal.inputReader()) {
      String twists = space + "/teleop_twist";
      String told = until(shown, "in its arm file");
      assertTrue(told.contains("nobody hears " + twists + ", so that the tip does not"), told);
      assertTrue(told.contains("{twist: teleop_twist, tip_link: LINK}"), told);
      Node arm = context.createNode("arm");
      arm.createSubscription(TwistStamped.TYPE, "teleop_twist", Qos.reliable(1), twist -> {});
      until(shown, "\033[J");
      keys.write("n"); // of an arm without a gripper
      keys.flush();
      String gripper = until(shown, "teleoperation of the arm file");
      assertTrue(gripper.contains("nobody hears " + space + "/teleop_gripper"), gripper);
      assertTrue(!gripper.contains("teleop_twist"), gripper);
      keys.write("q");
      keys.flush();
      assertEquals(0, terminal.waitFor());
    } finally {
      terminal.destroyForcibly();
    }
  }

  /** Reads what a terminal shows until it has shown a text. */
  private static String until(Reader shown, String text) throws Exception {
    var read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      int next = shown.read();
      assertTrue(next >= 0, "'%s' does not come in: %s".formatted(text, read));
      read.append((char) next);
    }
    return read.toString();
  }
}
