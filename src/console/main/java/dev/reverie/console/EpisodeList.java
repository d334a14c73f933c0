package dev.reverie.console;

import dev.reverie.console.Snapshot.EpisodeState;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.reverie.Outcome;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The episodes of which the node told since the console started, newest first. Thread-safe. */
final class EpisodeList {
  private static final int KEPT = 12;
  private static final Words OUTCOMES = new Words(Outcome.class, "");

  private final Deque<EpisodeState> ended = new ArrayDeque<>();
  private @Nullable EpisodeState running;

  /** The word of an outcome: unlabelled, success, failure or aborted. */
  static String word(byte outcome) {
    return OUTCOMES.of(outcome).toLowerCase(Locale.ROOT);
  }

  /**
   * Takes what the node tells.
   *
   * @param nowMs when it came
   */
  synchronized void took(Episode told, long nowMs) {
    long began =
        running != null && running.id().equals(told.episodeId()) ? running.beganMs() : nowMs;
    boolean begins = told.event() == Episode.BEGUN;
    var state =
        new EpisodeState(
            told.episodeId(),
            told.instruction(),
            told.source(),
            told.policyId(),
            began,
            begins ? "" : word(told.outcome().outcome()),
            told.outcome().labeller(),
            told.outcome().reason());
    if (begins) {
      running = state;
      return;
    }
    if (running != null && running.id().equals(state.id())) {
      running = null;
    }
    Optional<EpisodeState> known =
        ended.stream().filter(each -> each.id().equals(state.id())).findFirst();
    known.ifPresentOrElse(
        before -> replace(before, state),
        () -> {
          ended.addFirst(state);
          if (ended.size() > KEPT) {
            ended.removeLast();
          }
        });
  }

  private void replace(EpisodeState before, EpisodeState now) {
    List<EpisodeState> all = List.copyOf(ended);
    ended.clear();
    all.forEach(
        each ->
            ended.addLast(
                each == before
                    ? new EpisodeState(
                        now.id(),
                        now.instruction(),
                        now.source(),
                        now.policyId(),
                        before.beganMs(),
                        now.outcome(),
                        now.labeller(),
                        now.reason())
                    : each));
  }

  /**
   * The one that runs; none where a status that came after its beginning says so.
   *
   * @param ofStatus id in the node's status; empty where none runs
   * @param statusMs when that came
   */
  synchronized Optional<EpisodeState> running(String ofStatus, long statusMs) {
    return Optional.ofNullable(running)
        .filter(one -> one.id().equals(ofStatus) || one.beganMs() > statusMs);
  }

  synchronized List<EpisodeState> ended() {
    return List.copyOf(ended);
  }
}
