package dev.reverie.replay;

import dev.reverie.rollout.Alignment;
import java.util.Map;
import java.util.Set;

/**
 * The part of a bag that is replayed, where that cannot be told from the bag alone.
 *
 * @param cameras topics by the names of the policy's cameras
 * @param topics of other kinds: {@value #DESCRIPTION}
 * @param alignment which messages belong to one observation
 */
record BagOptions(Map<String, String> cameras, Map<String, String> topics, Alignment alignment) {
  static final String DESCRIPTION = "robot_description";

  /** The options where the bag itself tells all. */
  static final BagOptions NONE = new BagOptions(Map.of(), Map.of(), Alignment.DEFAULT);

  private static final Set<String> KINDS = Set.of(DESCRIPTION);

  /** Checks the kinds. */
  BagOptions {
    cameras = Map.copyOf(cameras);
    topics = Map.copyOf(topics);
    for (String kind : topics.keySet()) {
      if (!KINDS.contains(kind)) {
        throw new ReplayException(
            "--topic %s is not known; it is one of %s, and cameras have --camera"
                .formatted(kind, KINDS));
      }
    }
  }
}
