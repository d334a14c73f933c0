package dev.reverie.importer;

import dev.reverie.rollout.EpisodeOutcome;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Consumer;

/** Tells how the episodes of a recording went. */
final class Outcomes {
  private static final String LABELLER = "import";

  private Outcomes() {}

  /**
   * The outcome of an episode, whose stamp is left open.
   *
   * @param untilNanos when the next episode begins
   */
  static EpisodeOutcome of(
      Recording recording,
      Mapping mapping,
      Spans.Span span,
      long untilNanos,
      Consumer<String> tell) {
    if (span.outcome().isPresent()) {
      return new EpisodeOutcome(span.outcome().get(), 0, LABELLER, "the file of times says so");
    }
    return switch (mapping.outcome()) {
      case Mapping.Outcome.Given given ->
          new EpisodeOutcome(given.kind(), 0, LABELLER, "the mapping says so");
      case Mapping.Outcome.OfTopic of -> {
        NavigableMap<Long, String> values =
            recording.texts(of.topic()).subMap(span.beginNanos(), true, untilNanos, false);
        if (values.isEmpty()) {
          tell.accept(
              "%s says nothing from %d ns on: the episode is not labelled"
                  .formatted(of.topic(), span.beginNanos()));
          yield EpisodeOutcome.UNLABELLED;
        }
        Map.Entry<Long, String> last = values.lastEntry();
        boolean success =
            of.success()
                .map(wanted -> Values.same(wanted, last.getValue()))
                .orElseGet(() -> Values.yes(last.getValue()));
        yield new EpisodeOutcome(
            success ? EpisodeOutcome.Kind.SUCCESS : EpisodeOutcome.Kind.FAILURE,
            0,
            LABELLER,
            "%s said %s".formatted(of.topic(), last.getValue()));
      }
    };
  }
}
