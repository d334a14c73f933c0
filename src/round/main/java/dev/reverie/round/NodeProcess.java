package dev.reverie.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of Reverie as a child process with a log file; it ends with this process. */
final class NodeProcess implements AutoCloseable {

  private final String name;
  private final Path log;
  private final Process process;
  private final Thread onExit = new Thread(this::close);

  private NodeProcess(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  static NodeProcess start(Path log, Map<String, String> environment, List<String> arguments) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      var command = new ArrayList<String>();
      command.add(root().resolve("reverie").toString());
      command.addAll(arguments);
      var builder =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      // Whoever started this command has prepared and built everything.
      builder.environment().put("REVERIE_PREPARED", root().toString());
      return new NodeProcess(arguments.getFirst(), log, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + arguments.getFirst(), e);
    }
  }

  /** Runs to its end; the log's last lines stand in the error when it fails. */
  void join() {
    try {
      int status = process.waitFor();
      if (status != 0) {
        throw new RoundException(
            "%s ended with status %d; the end of %s:%n%s".formatted(name, status, log, tail()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RoundException("interrupted while waiting for " + name, e);
    } finally {
      close();
    }
  }

  /** Throws when the process has ended. */
  void requireAlive() {
    if (!process.isAlive()) {
      throw new RoundException(
          "%s ended with status %d; the end of %s:%n%s"
              .formatted(name, process.exitValue(), log, tail()));
    }
  }

  long pid() {
    return process.pid();
  }

  private String tail() {
    try {
      var lines = Arrays.asList(new String(Files.readAllBytes(log)).split("\n"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
    } catch (IOException e) {
      return "(unreadable: " + e.getMessage() + ")";
    }
  }

  private static Path root() {
    String root = System.getProperty("reverie.root", System.getenv("REVERIE_ROOT"));
    if (root == null) {
      throw new RoundException("REVERIE_ROOT is not set: start this command through ./reverie");
    }
    return Path.of(root);
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }
}
