package dev.reverie.console;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** A page's request to the world model that it plays in. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({
  @JsonSubTypes.Type(value = PlayAsk.Open.class, name = "open"),
  @JsonSubTypes.Type(value = PlayAsk.Look.class, name = "look"),
  @JsonSubTypes.Type(value = PlayAsk.Start.class, name = "start"),
  @JsonSubTypes.Type(value = PlayAsk.Act.class, name = "act"),
  @JsonSubTypes.Type(value = PlayAsk.Policy.class, name = "policy"),
  @JsonSubTypes.Type(value = PlayAsk.End.class, name = "end"),
})
sealed interface PlayAsk {
  /**
   * Begins to load the world model of a run.
   *
   * @param run its name among the runs
   */
  record Open(String run) implements PlayAsk {}

  /** Asks how far the loading is. */
  record Look() implements PlayAsk {}

  /**
   * Begins at a recorded frame.
   *
   * @param from folder of rollouts of the run, or {@link PlayRollouts#RECORDED}
   * @param rollout its name in it
   * @param frame from 0 on
   */
  record Start(String from, String rollout, int frame) implements PlayAsk {}

  /**
   * Carries out actions.
   *
   * @param actions each number in [-1, 1]
   */
  record Act(List<List<Double>> actions) implements PlayAsk {}

  /** Has the policy act for a chunk. */
  record Policy() implements PlayAsk {}

  /** Ends it. */
  record End() implements PlayAsk {}
}
