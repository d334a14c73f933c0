package dev.reverie.policy;

import java.util.List;
import java.util.Map;

/**
 * A head that makes a chunk out of noise in several steps, for each of which the graph runs once.
 * It takes the chunk as it is before the step, and the step's time; in format 1 their names are
 * {@value #CHUNK} and {@value #TIME}.
 */
public sealed interface DenoisingSpec extends HeadSpec permits FlowSpec, DiffusionSpec {
  /** Input of the graph: the chunk before the step. */
  String CHUNK = "x_t";

  /** Input of the graph: the time of the step. */
  String TIME = "t";

  /** The graph's output. */
  String output();

  /**
   * The steps from noise to the chunk.
   *
   * @param temperature of the noise in each step: its variance is multiplied by it; 0: none
   */
  List<DenoisingStep> steps(double temperature);

  /** Returns whether the arm's steps draw noise; those by which a policy practises always do. */
  boolean drawsNoise();

  @Override
  default Map<String, List<Long>> outputs(long horizon, long dimensions) {
    return Map.of(output(), List.of(horizon, dimensions));
  }
}
