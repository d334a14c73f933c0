package dev.reverie.robot.swap;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A policy in memory.
 *
 * @param folder of its bundle
 */
public record KeptPolicy(LivePolicy policy, Path folder) {
  String id() {
    return policy.id();
  }

  /**
   * The policies that a node begins with.
   *
   * @param live empty where it begins without a policy
   * @param earlier those that a rollback returns to, the last one first
   * @param watched whether the live one was swapped in before the node was started anew
   */
  public record All(Optional<KeptPolicy> live, List<KeptPolicy> earlier, boolean watched) {
    /** Has no policy. */
    public static final All NONE = new All(Optional.empty(), List.of(), false);

    public void close() {
      live.ifPresent(kept -> kept.policy.close());
      earlier.forEach(kept -> kept.policy.close());
    }
  }
}
