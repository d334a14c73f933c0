package dev.reverie.console;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run of the trainer in the list, as JSON: a round's, or one that was started by itself.
 *
 * @param name path of the round's folder, or of the run's where it is in none, below that of rounds
 * @param kind round, improve or pretrain
 * @param state running; ended; trained, where it is of a round that has not ended; stopped, where
 *     the trainer is gone and left a stage, or the report, undone; partial, where it is gone and
 *     the stages that it has not done are not begun either
 * @param changedMs when its newest curve or result was written, ms since 1970
 * @param result {@code round.json}, as it is; null where it is not there, or cannot be read
 * @param report {@code improve.json} or {@code pretrain.json} without settings and recordings
 * @param faults of files that cannot be read
 */
record RunRow(
    String name,
    String kind,
    String state,
    long changedMs,
    List<Stage> stages,
    @Nullable JsonNode result,
    @Nullable JsonNode report,
    List<String> faults) {
  /**
   * A stage of the training.
   *
   * @param state open, running, stopped or done
   * @param done steps
   * @param total steps; 0 where it is not known
   * @param seconds that it took; -1 where it has not ended
   * @param leftS seconds that it will still take at the speed of late; -1 where nobody can tell
   */
  record Stage(String name, String state, int done, int total, double seconds, double leftS) {}

  /** All runs of a folder. */
  record Listing(String folder, List<RunRow> runs) {}

  /**
   * Details of a run that the list leaves out.
   *
   * @param curves of each stage
   * @param audits of imagination against the arm, by the name of the file that tells them
   * @param films {@code imagined/index.json}; null where there is none
   */
  record About(
      String name,
      Map<String, Curves> curves,
      Map<String, JsonNode> audits,
      @Nullable JsonNode films) {}

  /**
   * Curves of a stage.
   *
   * @param steps at which there are values
   * @param values of each figure, as many; null where a step has none, or one that is no number
   */
  record Curves(List<Integer> steps, Map<String, List<@Nullable Double>> values) {}
}
