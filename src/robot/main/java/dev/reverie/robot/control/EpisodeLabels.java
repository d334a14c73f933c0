package dev.reverie.robot.control;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.robot.record.Recorder;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Labels episodes that have ended. For the control thread. */
public final class EpisodeLabels {
  /** So many ended episodes can still be labelled without naming their folder. */
  private static final int REMEMBERED = 1000;

  /** Answer to a label. */
  public record Labelled(boolean success, String message, String episodeId) {}

  /**
   * An episode that has ended.
   *
   * @param end stamp of the outcome that it ended with
   */
  private record Past(EpisodeHead head, Path bag, Time end) {
    /**
     * The outcome as it is written. Without a stamp a success keeps the moment that was told of one
     * before; any other outcome has the stamp that the episode ended with, as {@code rollouts
     * label} has it.
     */
    private Outcome written(Outcome told) {
      boolean said = Stamps.nanos(told.header().stamp()) != 0;
      return said || told.outcome() == Outcome.SUCCESS
          ? told
          : told.withHeader(told.header().withStamp(end));
    }
  }

  private final Recorder recorder;
  private final Outputs outputs;
  private final BiConsumer<EpisodeHead, Outcome> labelled;
  private final Map<String, Past> past = new LinkedHashMap<>();

  /**
   * Begins without any episode.
   *
   * @param labelled takes each label
   */
  EpisodeLabels(Recorder recorder, Outputs outputs, BiConsumer<EpisodeHead, Outcome> labelled) {
    this.labelled = labelled;
    this.recorder = recorder;
    this.outputs = outputs;
  }

  /** Remembers an episode that has ended with an outcome. */
  void remember(EpisodeHead head, Path bag, Outcome outcome) {
    past.put(head.id(), new Past(head, bag, outcome.header().stamp()));
    if (past.size() > REMEMBERED) {
      past.remove(past.keySet().iterator().next());
    }
  }

  /** Returns why this is no outcome; empty where it is one. */
  static Optional<String> fault(Outcome outcome) {
    return outcome.outcome() < Outcome.UNLABELLED || outcome.outcome() > Outcome.ABORTED
        ? Optional.of(
            "outcome %d is unknown; give 0 unlabelled, 1 success, 2 failure or 3 aborted"
                .formatted(outcome.outcome()))
        : EpisodeOutcome.fault(outcome.labeller(), outcome.reason());
  }

  /**
   * Labels an episode.
   *
   * @param done takes the answer when the label stands in the bag, or cannot, on any thread
   */
  void label(String episodeId, Outcome outcome, Consumer<Labelled> done) {
    Past episode = past.get(episodeId);
    if (episodeId.isEmpty() || episode == null) {
      String message =
          episodeId.isEmpty()
              ? "no episode runs; name the one to label"
              : "episode '%s' is not known to this node; label its bag with: reverie rollouts label"
                  .formatted(episodeId);
      done.accept(new Labelled(false, message, episodeId));
    } else if (!Files.isDirectory(episode.bag)) {
      String message =
          "the bag %s was moved; label it with: reverie rollouts label".formatted(episode.bag);
      done.accept(new Labelled(false, message, episodeId));
    } else {
      Outcome written = episode.written(outcome);
      labelled.accept(episode.head, written);
      byte[] bytes = outputs.label(episode.head, written);
      recorder.amend(
          episode.bag,
          outputs.episodeTopic(),
          bytes,
          closed ->
              done.accept(
                  new Labelled(closed.fault().isEmpty(), closed.fault().orElse(""), episodeId)));
    }
  }
}
