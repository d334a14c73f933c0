package dev.reverie.console;

import java.util.List;
import java.util.SortedMap;

/**
 * A policy in the list, as JSON.
 *
 * @param name a short name of its bundle's folder
 * @param folder of its bundle; empty where only a policy that came of it was found
 * @param parent id; empty where it has none
 * @param changedMs when its bundle was written, ms since 1970; 0 where it was not found
 * @param bags that it was trained on
 * @param tried its rollouts by outcome
 * @param said what rounds and robots say of it
 */
record PolicyRow(
    String id,
    String name,
    String folder,
    String parent,
    long changedMs,
    int bags,
    Tried tried,
    List<Saying> said) {
  /** Rollouts of a policy by outcome. */
  record Tried(int success, int failure, int aborted, int unlabelled) {
    static final Tried NONE = new Tried(0, 0, 0, 0);
  }

  /** A file's words about a policy; of -1 episodes where it tells no success. */
  record Saying(String what, String file, int successes, int episodes) {}

  /**
   * All that is known of the policies.
   *
   * @param live id of the one that acts; empty where none is known
   * @param faults of folders that look like bundles, and of folders that cannot be read
   */
  record Listing(String live, List<PolicyRow> policies, List<Fault> faults) {}

  /** The reason why a folder has nothing to show. */
  record Fault(String folder, String why) {}

  /**
   * Details of a policy that the list leaves out.
   *
   * @param settings of its training
   * @param differs in what it is otherwise than the live policy; empty where nothing is, or none is
   *     known
   */
  record About(
      String id,
      String arm,
      SortedMap<String, String> settings,
      int measuredSuccesses,
      int measuredEpisodes,
      List<Difference> differs) {}

  /** A field of bundle.json, its value in the live policy and in this one. */
  record Difference(String field, String live, String here) {}
}
