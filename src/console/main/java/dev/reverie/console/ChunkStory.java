package dev.reverie.console;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows which action chunk of a policy plays, how much of it is carried out, and which one comes.
 * An action belongs behind so many executed ones, as in the robot node: holds do not count.
 * Thread-safe.
 */
final class ChunkStory {
  /** After so long without a command nothing plays any more. */
  private static final double OVER_S = 1;

  /** Number of chunks that are worth keeping: as many as a node mixes at most. */
  private static final int CHUNKS = 8;

  private static final int COMMANDS = 1000;

  /**
   * The rest of a chunk.
   *
   * @param from first of its actions that is not carried out
   */
  record Rest(ActionChunk chunk, int from) {}

  /**
   * The chunk that plays now.
   *
   * @param done commands that carried out actions of the chunk that plays, the oldest first, and
   *     the one before them
   * @param plays empty where the first chunk of an episode is not begun yet
   * @param next empty where the next one is not there yet
   */
  record Playing(List<Command> done, Optional<Rest> plays, Optional<Rest> next) {}

  private final Deque<ActionChunk> chunks = new ArrayDeque<>();
  private final Deque<Command> sent = new ArrayDeque<>(); // those that carried out an action
  private String episode = "";
  private boolean mixes; // whether what is carried out is of several chunks at once
  private @Nullable Command newest;
  private long heardNanos;

  /** Hears a chunk. */
  synchronized void heard(ActionChunk chunk, long nowNanos) {
    begin(chunk.episodeId());
    if (!chunk.source().equals(Command.POLICY)) {
      return;
    }
    if (chunk.observationStamps().isEmpty()) { // it says what several chunks agreed on
      mixes = true;
      return;
    }
    chunks.addLast(chunk);
    heardNanos = nowNanos;
    if (chunks.size() > CHUNKS) {
      chunks.removeFirst();
    }
  }

  /** Hears what a tick sent. */
  synchronized void heard(Command command, long nowNanos) {
    begin(command.episodeId());
    newest = command;
    heardNanos = nowNanos;
    if (!command.source().equals(Command.HOLD)) {
      sent.addLast(command);
      if (sent.size() > COMMANDS) {
        sent.removeFirst();
      }
    }
  }

  /** The episode has ended. */
  synchronized void ended() {
    begin("");
  }

  private void begin(String other) {
    if (!episode.equals(other)) {
      episode = other;
      chunks.clear();
      sent.clear();
      mixes = false;
      newest = null;
    }
  }

  /** Returns what plays; empty while the arm is held, a person moves it, or no episode runs. */
  synchronized Optional<Playing> playing(long nowNanos) {
    boolean held = newest != null && !newest.source().equals(Command.POLICY);
    if (held || chunks.isEmpty() || (nowNanos - heardNanos) / 1e9 > overS()) {
      return Optional.empty();
    }
    ActionChunk last = chunks.getLast();
    if (newest == null) {
      return Optional.of(new Playing(List.of(), Optional.empty(), Optional.of(new Rest(last, 0))));
    }
    Command command = newest;
    return plays(command)
        .map(
            chunk ->
                new Playing(
                    done(chunk),
                    Optional.of(new Rest(chunk, mixes ? after(chunk) : command.action() + 1)),
                    last.index() == chunk.index()
                        ? Optional.empty()
                        : Optional.of(new Rest(last, after(last)))));
  }

  /** Slow ticks are no end. */
  private double overS() {
    return Math.max(OVER_S, 3 * Stamps.nanos(chunks.getLast().period()) / 1e9);
  }

  /** The chunk that a command comes from; of several that are mixed, the newest. */
  private Optional<ActionChunk> plays(Command command) {
    return chunks.stream()
        .filter(chunk -> chunk.index() == command.chunk())
        .findFirst()
        .or(() -> mixes ? Optional.of(chunks.getLast()) : Optional.empty());
  }

  private List<Command> done(ActionChunk chunk) {
    List<Command> done = new ArrayList<>();
    @Nullable Command before = null;
    for (Command command : sent) {
      if (carriesOut(command, chunk)) {
        if (done.isEmpty() && before != null) {
          done.add(before);
        }
        done.add(command);
      }
      before = command;
    }
    return done;
  }

  private boolean carriesOut(Command command, ActionChunk chunk) {
    return mixes ? isSince(chunk, command) : command.chunk() == chunk.index();
  }

  /** The first action of a chunk that is not carried out, or overtaken by those of another. */
  private int after(ActionChunk chunk) {
    return (int) sent.stream().filter(command -> isSince(chunk, command)).count();
  }

  /** Returns whether a command answers what the chunk's policy saw, or something newer. */
  private static boolean isSince(ActionChunk chunk, Command command) {
    return Stamps.nanos(command.header().stamp()) >= Stamps.nanos(chunk.header().stamp());
  }
}
