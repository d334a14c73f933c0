package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.test_msgs.Empty;
import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Starts a JVM for each test, since its end is what is tested. */
@Prepared
class ExitStatusTest {
  /** Spins until a signal, or fails in a callback, or waits for what never comes. */
  static final class Program {
    public static void main(String[] args) {
      try (Context context = Context.init(args)) {
        Node node = context.createNode("program");
        Publisher<Empty> goodbye = node.createPublisher(Empty.TYPE, "goodbye", Qos.DEFAULT);
        if (context.arguments().contains("fail")) {
          node.createTimer(
              Duration.ofMillis(1),
              () -> {
                throw new IllegalStateException("broken callback");
              });
        }
        var executor = new Executor(context);
        executor.add(node);
        System.out.println("spinning");
        executor.spin();
        goodbye.publish(new Empty());
        System.out.println("said goodbye");
      }
    }
  }

  private static Process start(List<String> launcher, String... args) throws IOException {
    var command = new ArrayList<>(launcher);
    command.addAll(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Program.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /** Maven may run with SIGINT ignored, which children inherit. */
  private static List<String> withDefaultSignals() {
    return List.of(
        Python.interpreter(),
        "-c",
        "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
            + " os.execv(sys.argv[1], sys.argv[1:])");
  }

  private static void assertEndsWell(String signal) throws Exception {
    Process process = start(withDefaultSignals());
    try (BufferedReader lines = process.inputReader()) {
      assertEquals("spinning", lines.readLine());
      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      assertEquals("said goodbye", lines.readLine());
      assertTrue(process.waitFor(10, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void afterSigintTheProgramEndsByItselfWithStatusZero() throws Exception {
    assertEndsWell("INT");
  }

  @Test
  void afterSigtermTheProgramEndsByItselfWithStatusZero() throws Exception {
    assertEndsWell("TERM");
  }

  @Test
  void aCallbackThatThrowsEndsTheProgramWithAnotherStatus() throws Exception {
    Process process = start(List.of(), "fail");
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), output);
    assertTrue(output.contains("broken callback"), output);
  }

  @Test
  void withoutRosTheMessageSaysWhatToDo() throws Exception {
    Process process = start(List.of("env", "-u", "LD_LIBRARY_PATH", "-u", "REVERIE_PRELOAD"));
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(1, process.waitFor(), output);
    assertTrue(output.contains("no ROS 2 found: source one, or run through ./reverie"), output);
  }
}
