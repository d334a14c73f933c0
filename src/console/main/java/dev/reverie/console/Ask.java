package dev.reverie.console;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Set;

/** A person's request to the robot node. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Ask.Run.class, name = "run"),
  @JsonSubTypes.Type(value = Ask.Stop.class, name = "stop"),
  @JsonSubTypes.Type(value = Ask.ResetStop.class, name = "reset_stop"),
  @JsonSubTypes.Type(value = Ask.GoLive.class, name = "go_live"),
  @JsonSubTypes.Type(value = Ask.Label.class, name = "label"),
  @JsonSubTypes.Type(value = Ask.Swap.class, name = "swap"),
  @JsonSubTypes.Type(value = Ask.Rollback.class, name = "rollback"),
  @JsonSubTypes.Type(value = Ask.CancelSwap.class, name = "cancel_swap"),
})
sealed interface Ask {
  /** Names of those that are about which policy is live. */
  Set<String> SWAPS = Set.of("swap", "rollback", "cancel_swap");

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
   * A label of an episode.
   *
   * @param episodeId empty: the one that runs, which it ends
   * @param outcome unlabelled, success, failure or aborted
   * @param note in the person's words; may be empty
   */
  record Label(String episodeId, String outcome, String note) implements Ask {}

  /**
   * Another policy.
   *
   * @param bundle its folder on the robot's machine
   * @param mayDiffer fields of bundle.json in which it may differ from the live one
   */
  record Swap(String bundle, List<String> mayDiffer) implements Ask {
    private static final int LONGEST = 4096;

    /** Refuses what is no folder's name. */
    public Swap {
      if (!bundle.startsWith("/")
          || bundle.length() > LONGEST
          || bundle.chars().anyMatch(Character::isISOControl)) {
        throw new IllegalArgumentException(
            "the bundle is '%s'; give the whole path of its folder, which begins with /"
                .formatted(bundle.length() > LONGEST ? bundle.substring(0, 100) + "..." : bundle));
      }
      mayDiffer = List.copyOf(mayDiffer);
    }
  }

  /** The policy before the last swap acts again. */
  record Rollback() implements Ask {}

  /** The swap that is under way ends, and the live policy stays. */
  record CancelSwap() implements Ask {}
}
