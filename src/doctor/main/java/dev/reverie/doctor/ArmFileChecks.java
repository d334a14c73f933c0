package dev.reverie.doctor;

import dev.reverie.arm.ArmFile;
import java.util.List;

/** Checks of an arm file by itself: what is right in it, and may still not be meant. */
final class ArmFileChecks {
  private ArmFileChecks() {}

  /** Returns what a person should know of it, with what helps. */
  static List<Finding> check(ArmFile arm) {
    boolean blind = !arm.cameras().isEmpty() && arm.policyCameras().isEmpty();
    return blind
        ? List.of(
            Finding.warning(
                "arm file",
                "leave 'policy: false' out of one at least, where a policy is to come of this",
                "a policy would see nothing: none of the cameras %s is one that it sees",
                arm.cameras().keySet()))
        : List.of();
  }
}
