package dev.reverie.console;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a person asks of the robot node. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Ask.Run.class, name = "run"),
  @JsonSubTypes.Type(value = Ask.Stop.class, name = "stop"),
  @JsonSubTypes.Type(value = Ask.ResetStop.class, name = "reset_stop"),
  @JsonSubTypes.Type(value = Ask.GoLive.class, name = "go_live"),
  @JsonSubTypes.Type(value = Ask.Label.class, name = "label"),
})
sealed interface Ask {
  /**
   * An episode.
   *
   * @param instruction empty: the node's own
   * @param timeLimitS 0: none
   * @param temperature 0: greedy
   * @param teleop whether a person acts and the policy is silent
   */
  record Run(String instruction, double timeLimitS, double temperature, long seed, boolean teleop)
      implements Ask {
    private static final int LONGEST = 2000;

    /** Refuses numbers that mean nothing. */
    public Run {
      if (instruction.length() > LONGEST || instruction.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "the instruction has %d characters; give one line of at most %d"
                .formatted(instruction.length(), LONGEST));
      }
      if (!(timeLimitS >= 0 && timeLimitS <= 86_400 && temperature >= 0 && temperature <= 100)) {
        throw new IllegalArgumentException(
            "time limit %s s, temperature %s; give 0 to 86400 s and 0 to 100"
                .formatted(timeLimitS, temperature));
      }
    }
  }

  /** The arm stays where it is, and no episode begins until {@link ResetStop}. */
  record Stop() implements Ask {}

  /** Episodes may begin again. */
  record ResetStop() implements Ask {}

  /** A policy in shadow moves the arm from the next episode on. */
  record GoLive() implements Ask {}

  /**
   * How an episode went.
   *
   * @param episodeId empty: the one that runs, which it ends
   * @param outcome unlabelled, success, failure or aborted
   * @param note in the person's words; may be empty
   */
  record Label(String episodeId, String outcome, String note) implements Ask {}
}
