package dev.reverie.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A command of {@code ./reverie} as a child process, which ends with this process. */
public final class ReverieProcess implements AutoCloseable {
  /** Time to save and to leave, before the process is killed. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final int LAST_LINES = 15;

  /**
   * A program of util-linux: has the kernel ask the child to end when this process was killed; and
   * when the thread that started it ends, which must therefore be one that lives on.
   */
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  private static final Set<ReverieProcess> OPEN = ConcurrentHashMap.newKeySet();
  private static boolean closing;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(ReverieProcess::closeAll));
  }

  private final String name;
  private final Optional<Path> log;
  private final Process process;
  private Optional<Thread> reader = Optional.empty(); // of the output

  private ReverieProcess(String name, Optional<Path> log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a command that this one has prepared and built, with its output in a log file.
   *
   * @param environment variables besides those of this process
   * @param command name and arguments, such as {@code robot --ros-args}
   */
  public static ReverieProcess logged(
      Path log, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        prepared(command, environment)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(madeWritable(log).toFile()));
    return start(command, Optional.of(log), builder);
  }

  /**
   * Starts a command as {@link #logged} does, and gives each line to a listener too.
   *
   * @param lines is called on a thread of its own
   */
  public static ReverieProcess followed(Path log, List<String> command, Consumer<String> lines) {
    madeWritable(log);
    var started = start(command, Optional.of(log), prepared(command, Map.of()));
    started.reading(() -> started.copyLines(log, lines));
    return started;
  }

  /** Starts a command that may not be built yet; what it says is seen on standard error. */
  public static ReverieProcess unprepared(List<String> command) {
    ProcessBuilder builder = builder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().remove("REVERIE_PREPARED");
    var started = start(command, Optional.empty(), builder);
    started.reading(() -> started.process.inputReader().lines().forEach(System.err::println));
    return started;
  }

  private void reading(Runnable work) {
    reader = Optional.of(Thread.ofPlatform().name("lines of " + name).daemon().start(work));
  }

  private static ProcessBuilder prepared(List<String> command, Map<String, String> environment) {
    ProcessBuilder builder = builder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("REVERIE_PREPARED", root().toString());
    return builder;
  }

  private static ProcessBuilder builder(List<String> command) {
    List<String> line = new ArrayList<>();
    if (Files.isExecutable(SETPRIV)) {
      line.addAll(List.of(SETPRIV.toString(), "--pdeathsig", "TERM"));
    }
    line.add(root().resolve("reverie").toString());
    line.addAll(command);
    return new ProcessBuilder(line);
  }

  /** Nothing is started any more once this process ends. */
  private static synchronized ReverieProcess start(
      List<String> command, Optional<Path> log, ProcessBuilder builder) {
    if (closing) {
      throw new ReverieProcessException("stopped before " + command.getFirst() + " was started");
    }
    try {
      var started = new ReverieProcess(command.getFirst(), log, builder.start());
      OPEN.add(started);
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + command.getFirst(), e);
    }
  }

  private static Path madeWritable(Path log) {
    try {
      Files.createDirectories(log.toAbsolutePath().getParent());
      return log;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder of " + log, e);
    }
  }

  /** The checkout, or the folder of the package, that this command was started in. */
  public static Path root() {
    String root = System.getProperty("reverie.root", System.getenv("REVERIE_ROOT"));
    if (root == null) {
      throw new ReverieProcessException(
          "REVERIE_ROOT is not set: start this command through ./reverie");
    }
    return Path.of(root);
  }

  private void copyLines(Path log, Consumer<String> lines) {
    // Goes on reading where the log cannot be written: the process would wait for a reader.
    try (BufferedReader in = process.inputReader();
        var out =
            new PrintWriter(
                Files.newBufferedWriter(
                    log, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(line);
        out.flush();
        lines.accept(line);
      }
      if (out.checkError()) {
        lines.accept("the log " + log + " is not complete; is there room on the disk?");
      }
    } catch (IOException e) {
      lines.accept("the log " + log + " ends here: " + e);
    }
  }

  /** Completes when the process has ended. */
  public CompletableFuture<Void> ended() {
    return process.onExit().thenAccept(ended -> {});
  }

  /** Waits until the process has ended, and refuses any status but 0. */
  public void join() {
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ReverieProcessException("interrupted while waiting for " + name, e);
    }
    requireSuccess();
  }

  /** Returns whether the process has ended, with status 0. */
  public boolean succeeded() {
    return endedWith(0);
  }

  /** Returns whether the process has ended, with this status. */
  public boolean endedWith(int status) {
    return !process.isAlive() && process.exitValue() == status;
  }

  /** Refuses a process that has ended with another status than 0. */
  public void requireSuccess() {
    if (!process.isAlive() && !succeeded()) {
      throw failed();
    }
  }

  /** Refuses a process that has ended. */
  public void requireAlive() {
    if (!process.isAlive()) {
      throw failed();
    }
  }

  /** The log's last lines stand in the error. */
  private ReverieProcessException failed() {
    reader.ifPresent(ReverieProcess::awaitLastLine);
    String status = "%s ended with status %d".formatted(name, process.exitValue());
    if (process.exitValue() == 0) {
      status += ", as it does when SIGTERM or SIGINT asks it to: was it stopped from outside?";
    }
    return new ReverieProcessException(
        status + (log.isPresent() ? "; " + lastLines() : "; it says why above"));
  }

  /** Returns the end of the log, and where it is; empty without a log. */
  public String lastLines() {
    return log.map(file -> "the end of %s:%n%s".formatted(file, tail(file))).orElse("");
  }

  private static void awaitLastLine(Thread reader) {
    try {
      reader.join(GRACE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String tail(Path log) {
    try {
      List<String> lines =
          new String(Files.readAllBytes(log), StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      return "(unreadable: " + e.getMessage() + ")";
    }
  }

  /** Number of the process, which is the command's own: {@code reverie} becomes it. */
  public long pid() {
    return process.pid();
  }

  /** Ends the process at once, whatever it is at. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Asks the process to end, without waiting for that. */
  public void terminate() {
    process.destroy();
  }

  /** Asks the process to end, waits until it has, and kills one that takes too long. */
  @Override
  public void close() {
    terminate();
    try {
      if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    OPEN.remove(this);
  }

  private static void closeAll() {
    synchronized (ReverieProcess.class) {
      closing = true;
    }
    OPEN.forEach(ReverieProcess::terminate);
    OPEN.forEach(ReverieProcess::close);
  }
}
