package dev.reverie.console;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** A page's request about the replay of recorded episodes. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ReplayAsk.Start.class, name = "start"),
  @JsonSubTypes.Type(value = ReplayAsk.Stop.class, name = "stop"),
})
sealed interface ReplayAsk {
  /**
   * Gives recorded episodes to two policies.
   *
   * @param policy its id
   * @param against id of the one that it is compared with
   * @param rollouts names in the list
   */
  record Start(String policy, String against, List<String> rollouts) implements ReplayAsk {
    private static final int MOST = 200;

    /** Refuses what compares nothing. */
    public Start {
      rollouts = List.copyOf(rollouts);
      if (policy.equals(against)) {
        throw new IllegalArgumentException(
            "both are the same policy; choose another to compare with");
      }
      if (rollouts.isEmpty() || rollouts.size() > MOST) {
        throw new IllegalArgumentException(
            "%d recorded episodes; give 1 to %d".formatted(rollouts.size(), MOST));
      }
    }
  }

  /** Ends the replay that runs, whoever began it. */
  record Stop() implements ReplayAsk {}
}
