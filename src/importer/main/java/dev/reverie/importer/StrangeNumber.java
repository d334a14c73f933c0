package dev.reverie.importer;

import org.jspecify.annotations.Nullable;

/** The first number of a topic that cannot be in the unit that its joint has by the mapping. */
final class StrangeNumber {
  private @Nullable String joint;
  private JointUnit unit = JointUnit.RAD;
  private double value;

  void see(String joint, JointUnit unit, double value) {
    if (this.joint == null && !unit.holds(value)) {
      this.joint = joint;
      this.unit = unit;
      this.value = value;
    }
  }

  /**
   * Refuses the bag where there is one.
   *
   * @param where bag and topic
   * @param mapping whose units are wrong
   * @param key of the mapping that says the unit of a joint
   */
  void refuse(String where, Mapping mapping, String key) {
    if (joint == null) {
      return;
    }
    String remedy =
        "say in %s the unit that it has: %s"
            .formatted(mapping.file(), key.formatted(joint + ": UNIT"));
    throw new ImportException(
        "%s: '%s' is at %.4g, which is no %s; %s%s"
            .formatted(
                where,
                joint,
                value,
                unit.noun(),
                remedy,
                unit.equals(JointUnit.RAD) ? ", or of all joints: unit: deg" : ""));
  }
}
