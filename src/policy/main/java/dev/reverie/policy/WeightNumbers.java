package dev.reverie.policy;

import java.util.Set;

/**
 * Refuses weights that are no numbers: one may be reached by a word alone that nobody has said yet.
 */
public final class WeightNumbers {
  private WeightNumbers() {}

  /**
   * Looks at every weight. What is never trained, such as a mask, may be infinite.
   *
   * @throws BundleException naming the weight
   */
  public static void require(PolicyBundle bundle) {
    Set<String> frozen = bundle.frozen();
    bundle
        .weights()
        .forEach(
            (name, array) -> {
              if (frozen.contains(name) ? !array.allNumbers() : !array.allFinite()) {
                throw new BundleException(
                    "policy %s: its weight '%s' holds NaN or infinite values; export or train it again"
                        .formatted(bundle.id(), name));
              }
            });
  }
}
