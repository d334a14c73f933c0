package dev.reverie.robot.swap;

import dev.reverie.policy.BundleException;
import dev.reverie.policy.BundleSpec;
import dev.reverie.policy.SpecDifference;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Refuses a policy that is otherwise than the live one in what it sees, is told or gives, and was
 * not allowed to be: a vocabulary in another order sends the arm into another slot.
 */
final class SamePolicy {
  private SamePolicy() {}

  /**
   * Compares two specs, but for their history.
   *
   * @param mayDiffer fields that may differ, such as {@code language} or {@code cameras.front.crop}
   */
  static void require(BundleSpec live, BundleSpec next, List<String> mayDiffer) {
    var fields = SpecDifference.fields(live, next);
    for (String name : mayDiffer) {
      if (!fields.contains(name)) {
        throw new BundleException(
            "may_differ names '%s', which is no field of the policies; their fields are %s"
                .formatted(name, fields));
      }
    }
    List<SpecDifference> refused =
        SpecDifference.between(live, next).stream()
            .filter(each -> !each.isAllowedBy(mayDiffer))
            .toList();
    if (!refused.isEmpty()) {
      throw new BundleException(
          "the bundle differs from the live policy: %s; swap in one that does not, or allow it: may_differ: %s"
              .formatted(
                  refused.stream().map(SpecDifference::toString).collect(Collectors.joining("; ")),
                  refused.stream().map(SpecDifference::field).toList()));
    }
  }
}
