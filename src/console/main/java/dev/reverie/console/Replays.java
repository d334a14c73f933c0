package dev.reverie.console;

import dev.reverie.rollout.AtomicFolder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Recorded episodes given to two policies again, by {@code reverie replay} in a process of its own,
 * which has the processor only where nobody else wants it. One at a time; it goes on when its page
 * closes, and ends with the console. Thread-safe.
 */
final class Replays implements AutoCloseable {
  private static final List<String> LAST = List.of("chrt", "--idle", "0", "nice", "-n", "19");
  private static final Pattern DONE = Pattern.compile("reverie: replayed (\\d+) of (\\d+)");
  private static final Duration LEAVE = Duration.ofSeconds(5);
  private static final int LAST_LINES = 4;

  private final PolicyIndex policies;
  private final Supplier<RolloutIndex> rollouts;
  private final Launcher launcher;
  private @Nullable Work work;
  private int begun;

  /**
   * A replay, and how far it is.
   *
   * @param number of the replay, from 1 on; 0 without one
   * @param state none, running, ended, stopped, failed
   * @param by who began it
   * @param policy id of the policy, empty without a replay
   * @param against id of the one that it is compared with
   * @param done how many episodes of {@code episodes} are
   * @param said why it failed, or what it is at; may be empty
   */
  record Told(
      int number,
      String state,
      String by,
      String policy,
      String against,
      int episodes,
      int done,
      String said) {
    static final Told NONE = new Told(0, "none", "", "", "", 0, 0, "");
  }

  /** A replay that runs, or ran. */
  private static final class Work {
    final Path folder;
    final Process process;
    final List<String> said = new ArrayList<>(); // the last lines
    Told told;
    boolean stopped;

    Work(Path folder, Process process, Told told) {
      this.folder = folder;
      this.process = process;
      this.told = told;
    }

    Path json() {
      return folder.resolve("replay.json");
    }

    Path html() {
      return folder.resolve("replay.html");
    }

    boolean isRunning() {
      return told.state.equals("running");
    }

    void tell(String state, int done, String words) {
      told =
          new Told(
              told.number, state, told.by, told.policy, told.against, told.episodes, done, words);
    }
  }

  /** Creates it; nothing is replayed yet. */
  Replays(PolicyIndex policies, Supplier<RolloutIndex> rollouts, Launcher launcher) {
    this.policies = policies;
    this.rollouts = rollouts;
    this.launcher = launcher;
  }

  /** Tells how far the newest one is. */
  synchronized Told told() {
    return work == null ? Told.NONE : work.told;
  }

  /**
   * Does what a page asks.
   *
   * @throws Refusal where it cannot be done, with the reason
   */
  Told ask(String person, ReplayAsk what) {
    switch (what) {
      case ReplayAsk.Start start -> start(person, start);
      case ReplayAsk.Stop _ -> stop();
    }
    return told();
  }

  private synchronized void start(String person, ReplayAsk.Start what) {
    Work before = work;
    if (before != null && before.isRunning()) {
      throw new Refusal(
          409, "%s has episodes replayed already; wait for it, or stop it", before.told.by);
    }
    List<String> arguments = new ArrayList<>(List.of("replay"));
    for (String name : what.rollouts()) {
      arguments.add(rollouts.get().bag(name).path().toString());
    }
    arguments.addAll(List.of("--policy", policies.folder(what.policy()).toString()));
    arguments.addAll(List.of("--against", policies.folder(what.against()).toString()));
    Path folder;
    Process process;
    try {
      folder = Files.createTempDirectory("reverie-replay-");
      process = begin(arguments, folder);
    } catch (IOException e) {
      throw new Refusal(503, "the replay cannot be started: %s", String.valueOf(e.getMessage()));
    }
    forget();
    int count = what.rollouts().size();
    var told = new Told(++begun, "running", person, what.policy(), what.against(), count, 0, "");
    var now = new Work(folder, process, told);
    work = now;
    Thread.ofPlatform().daemon().name("replay").start(() -> follow(now));
  }

  /** Starts the process, which leaves its reports in the folder; without one the folder goes. */
  private Process begin(List<String> arguments, Path folder) throws IOException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--json", folder.resolve("replay.json").toString()));
    all.addAll(List.of("--html", folder.resolve("replay.html").toString()));
    try {
      return launcher.reverie(LAST, all).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException | Refusal e) {
      AtomicFolder.delete(folder);
      throw e;
    }
  }

  /** Hears what a replay says until it ends. */
  private void follow(Work of) {
    try (BufferedReader words = of.process.errorReader()) {
      words.lines().filter(line -> !line.isBlank()).forEach(line -> heard(of, line.strip()));
      int status = of.process.waitFor();
      ended(of, status);
    } catch (IOException | UncheckedIOException e) {
      ended(of, of.process.onExit().join().exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void heard(Work of, String line) {
    Matcher progress = DONE.matcher(line);
    if (progress.matches()) {
      of.tell("running", Integer.parseInt(progress.group(1)), "");
      return;
    }
    of.said.add(line);
    if (of.said.size() > LAST_LINES) {
      of.said.removeFirst();
    }
    of.tell("running", of.told.done, line);
  }

  private synchronized void ended(Work of, int status) {
    if (of.stopped) {
      of.tell("stopped", of.told.done, "");
    } else if (Files.exists(of.html())) { // also where each episode was refused: it says why
      of.tell("ended", of.told.episodes, "");
    } else {
      String words = String.join(" ", of.said);
      of.tell(
          "failed",
          of.told.done,
          words.isEmpty() ? "the replay has ended (status %d)".formatted(status) : words);
    }
  }

  private void stop() {
    Work running;
    synchronized (this) {
      running = work;
      if (running == null || !running.isRunning()) {
        throw new Refusal(409, "nothing is replayed");
      }
      running.stopped = true;
    }
    end(running);
  }

  /** Ends a process, by force where it does not leave. */
  private static void end(Work one) {
    one.process.destroy();
    var _ =
        one.process
            .onExit()
            .completeOnTimeout(one.process, LEAVE.toMillis(), TimeUnit.MILLISECONDS)
            .join()
            .destroyForcibly();
  }

  /**
   * The report of the newest one.
   *
   * @param page whether as a page; else as JSON
   * @throws Refusal where there is none
   */
  synchronized byte[] report(boolean page) {
    Work of = work;
    if (of == null || !of.told.state.equals("ended")) {
      throw new Refusal(404, "no replay has ended here");
    }
    try {
      return Files.readAllBytes(page ? of.html() : of.json());
    } catch (IOException e) {
      throw new Refusal(404, "the report is gone: %s", String.valueOf(e.getMessage()));
    }
  }

  /** Deletes what the last one left. */
  private void forget() {
    if (work != null) {
      try {
        AtomicFolder.delete(work.folder);
      } catch (IOException e) {
        // It stays where the system puts what is temporary.
      }
    }
    work = null;
  }

  @Override
  public void close() {
    Work last;
    synchronized (this) {
      last = work;
    }
    if (last != null) {
      end(last);
    }
    synchronized (this) {
      forget();
    }
  }
}
