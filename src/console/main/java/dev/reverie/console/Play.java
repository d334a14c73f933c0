package dev.reverie.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.console.PlayAsk.Act;
import dev.reverie.console.PlayAsk.Open;
import dev.reverie.console.PlayAsk.Start;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Playing inside a world model: one page of an operator at a time has the trainer step for it, in a
 * process of its own that ends with the page, or when nothing was asked for a while. Thread-safe.
 */
final class Play implements AutoCloseable {
  /** Long enough to think about what was seen, short enough to give the memory back. */
  static final Duration IDLE = Duration.ofMinutes(5);

  private static final Duration WATCH = Duration.ofMillis(500);

  private final RunIndex runs;
  private final PlayRollouts rollouts;
  private final Launcher launcher;
  private final Path cache;
  private final Duration idle;
  private final ReentrantLock turn = new ReentrantLock();
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          work -> Thread.ofPlatform().name("play-watch").daemon().unstarted(work));
  private volatile @Nullable Game game;

  /** A process, the run that it plays in, and the page that it plays for. */
  private record Game(
      LivePage page,
      String run,
      PlayProcess process,
      CompletableFuture<JsonNode> ready,
      long[] askedNanos) {
    void asked() {
      askedNanos[0] = System.nanoTime();
    }

    boolean idleFor(Duration time) {
      return System.nanoTime() - askedNanos[0] > time.toNanos();
    }
  }

  /**
   * Begins to watch; no process is started yet.
   *
   * @param cache folder for decoded episodes
   * @param idle after so long without a request the process ends
   */
  Play(RunIndex runs, PlayRollouts rollouts, Launcher launcher, Path cache, Duration idle) {
    this.runs = runs;
    this.rollouts = rollouts;
    this.launcher = launcher;
    this.cache = cache;
    this.idle = idle;
    var _ =
        watch.scheduleWithFixedDelay(
            this::tidy, WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The rollouts that a run may be played from. */
  PlayRollouts.Listing rollouts(String run, String from) {
    return rollouts.list(run, from);
  }

  /**
   * Does what a page asks.
   *
   * @throws Refusal where it cannot be done, with the reason
   */
  JsonNode ask(LivePage page, PlayAsk what) {
    if (what instanceof PlayAsk.End) { // also while something is under way
      end(page);
      return JsonNodeFactory.instance.objectNode();
    }
    if (!turn.tryLock()) {
      throw busy(page);
    }
    try {
      return switch (what) {
        case Open open -> open(page, open.run());
        case PlayAsk.Look _ -> look(own(page));
        case Start start -> {
          Game now = game(page);
          Path bag = rollouts.bag(now.run, start.from(), start.rollout());
          yield asked(now, wanted("start").put("bag", bag.toString()).put("frame", start.frame()));
        }
        case Act act -> {
          ObjectNode wanted = wanted("act");
          wanted.set("actions", Json.tree(act.actions()));
          yield asked(game(page), wanted);
        }
        case PlayAsk.Policy _ -> asked(game(page), wanted("policy"));
        case PlayAsk.End end -> throw new IllegalStateException(end.toString());
      };
    } finally {
      turn.unlock();
    }
  }

  private static ObjectNode wanted(String what) {
    return JsonNodeFactory.instance.objectNode().put("do", what);
  }

  private JsonNode asked(Game now, ObjectNode what) {
    now.asked();
    try {
      return now.process.ask(what);
    } finally {
      now.asked();
      forgetWhereEnded(now);
    }
  }

  /** Begins to load a run; {@link PlayAsk.Look} tells when that is done. */
  private JsonNode open(LivePage page, String run) {
    Path work = runs.work(run);
    Game before = game;
    if (before != null) {
      if (before.page != page && before.process.isAlive() && before.page.isOpen()) {
        throw plays(before);
      }
      end(before);
    }
    PlayProcess process = PlayProcess.start(launcher, work, cache);
    Game begun =
        new Game(page, run, process, new CompletableFuture<>(), new long[] {System.nanoTime()});
    game = begun;
    Thread.ofPlatform().daemon().name("play-begin").start(() -> begin(begun));
    return loading(begun);
  }

  private static void begin(Game begun) {
    try {
      JsonNode ready = begun.process.ready();
      begun.asked();
      begun.ready.complete(ready);
    } catch (Refusal e) {
      begun.ready.completeExceptionally(e);
    }
  }

  private JsonNode look(Game now) {
    now.asked();
    if (!now.ready.isDone()) {
      return loading(now);
    }
    try {
      return JsonNodeFactory.instance.objectNode().set("ready", now.ready.join());
    } catch (CompletionException e) {
      end(now);
      throw e.getCause() instanceof Refusal refused ? refused : new Refusal(502, "%s", e);
    }
  }

  /** Returns what it is at, in its own words. */
  private static JsonNode loading(Game now) {
    return JsonNodeFactory.instance.objectNode().put("loading", now.process.lastWords());
  }

  /** The game of a page. */
  private Game own(LivePage page) {
    Game now = game;
    if (now == null) {
      throw new Refusal(
          409,
          "no world model is open, and one that nobody plays in ends after %d minutes; open it again",
          idle.toMinutes());
    }
    if (now.page != page) {
      throw plays(now);
    }
    return now;
  }

  /** The same, once it can be played in. */
  private Game game(LivePage page) {
    Game now = own(page);
    if (!now.ready.isDone() || now.ready.isCompletedExceptionally()) {
      throw new Refusal(409, "the world model is still loaded");
    }
    return now;
  }

  private static Refusal plays(Game now) {
    return new Refusal(
        409,
        "%s plays in %s, and one at a time may; it ends when that page is left",
        now.page.visitor().person(),
        now.run.isEmpty() ? "this folder" : now.run);
  }

  private Refusal busy(LivePage page) {
    Game now = game;
    return now != null && now.page != page
        ? plays(now)
        : new Refusal(429, "what was asked before is still being imagined");
  }

  private void forgetWhereEnded(Game one) {
    if (!one.process.isAlive() && game == one) {
      game = null;
    }
  }

  /** Ends what a page plays, where it does. */
  void end(LivePage page) {
    Game now = game;
    if (now != null && now.page == page) {
      end(now);
    }
  }

  private void end(Game one) {
    one.process.close();
    forgetWhereEnded(one);
  }

  /** Returns whether nobody asks anything of it, though it is loaded. */
  private boolean isIdle(Game now) {
    return now.ready.isDone() && !turn.isLocked() && now.idleFor(idle);
  }

  /** Ends what nobody asks anything of, or whose page is gone. */
  private void tidy() {
    Game now = game;
    if (now != null && (!now.page.isOpen() || isIdle(now))) {
      end(now);
    }
  }

  @Override
  public void close() {
    watch.shutdownNow();
    Game now = game;
    if (now != null) {
      end(now);
    }
  }
}
