package dev.reverie.rcljava;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.reverie.testing.Python;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs a program in a process of its own, and keeps the lines that it prints. */
final class Launched implements AutoCloseable {
  private final Process process;
  private final List<String> all = new CopyOnWriteArrayList<>();
  private final Thread reader;

  private Launched(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    reader = Thread.ofVirtual().start(this::read);
  }

  /** Starts a Java program with this main class. */
  static Launched java(Class<?> main, Map<String, String> environment, String... arguments)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new Launched(command, environment);
  }

  /** Starts a script of {@code test/python} in one of its roles. */
  static Launched python(
      String script, Map<String, String> environment, String role, String... arguments)
      throws IOException {
    List<String> command = Python.command("rcljava/test/python/" + script, role);
    command.addAll(List.of(arguments));
    return new Launched(command, environment);
  }

  private void read() {
    try (BufferedReader in = process.inputReader()) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        all.add(line);
      }
    } catch (IOException e) {
      // It was killed.
    }
  }

  /** Waits until each of these texts stands in some line that it printed. */
  void await(String... wanted) throws InterruptedException {
    for (String text : wanted) {
      awaitAny(text);
    }
  }

  /** Waits until one of these texts stands in some line that it printed. */
  void awaitAny(String... wanted) throws InterruptedException {
    long end = System.nanoTime() + TestRos.TIMEOUT.toNanos();
    while (all.stream().noneMatch(line -> Stream.of(wanted).anyMatch(line::contains))) {
      if (System.nanoTime() > end) {
        fail("none of " + List.of(wanted) + " in:\n" + output());
      }
      Thread.sleep(10);
    }
  }

  /** Returns all that it has printed so far. */
  String output() {
    return String.join("\n", all);
  }

  /** Asks it to end, as Ctrl-C does, and waits until it has done so well. */
  void interrupt() throws Exception {
    process.destroy();
    assertEquals(0, awaitEnd(), output());
  }

  /** Returns its exit status, once it has ended by itself and all that it printed is read. */
  int awaitEnd() throws InterruptedException {
    assertTrue(process.waitFor(TestRos.TIMEOUT.toSeconds(), TimeUnit.SECONDS), "it does not end");
    reader.join();
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
