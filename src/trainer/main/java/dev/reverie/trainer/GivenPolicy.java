package dev.reverie.trainer;

import dev.reverie.policy.PolicyBundle;
import dev.reverie.policy.WeightNumbers;
import java.nio.file.Path;

/** A policy that a run is given: of numbers that are none nothing can be learned or judged. */
final class GivenPolicy {
  private GivenPolicy() {}

  /**
   * Loads a bundle.
   *
   * @throws dev.reverie.policy.BundleException where a weight is NaN, or infinite and trained
   */
  static PolicyBundle load(Path folder) {
    PolicyBundle policy = PolicyBundle.load(folder);
    WeightNumbers.require(policy);
    return policy;
  }
}
