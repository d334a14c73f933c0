package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;

/** A policy that a run is given: of numbers that are none nothing can be learned or judged. */
final class GivenPolicy {
  private GivenPolicy() {}

  /**
   * Loads a bundle.
   *
   * @throws TrainerException where a weight holds a number that is not finite
   */
  static PolicyBundle load(Path folder) {
    PolicyBundle policy = PolicyBundle.load(folder);
    policy
        .weights()
        .forEach(
            (name, weight) -> {
              if (!weight.allFinite()) {
                throw new TrainerException(
                    "the policy %s has numbers that are not finite in its weight '%s'; give one that was trained to its end, or export it again"
                        .formatted(folder, name));
              }
            });
    return policy;
  }
}
