package dev.reverie.doctor;

import java.util.ArrayList;
import java.util.List;

/** Checks of the stamps of messages against the clock, and of pauses between them. */
final class StampChecks {
  /** The node's own default, parameter max_observation_age_s. */
  static final double MAX_AGE_S = 0.3;

  private static final double AHEAD_S = 0.05;

  /** Clocks that differ by more are not of one kind, as for the robot node. */
  private static final double OTHER_KIND_S = 1e7;

  private static final String OTHER_KIND =
      "one of the two clocks is simulated, counts from a start or was never set: give use_sim_time"
          + " to all nodes or to none, let the driver stamp by the system's time, or set the"
          + " clocks";

  private static final String CLOCKS = "synchronise the clocks of both machines (chrony)";

  private StampChecks() {}

  static List<Finding> check(String topic, Arrivals arrivals) {
    if (arrivals.unstamped()) {
      return List.of(
          Finding.error(
              topic,
              "let the driver stamp its messages when it measures",
              "messages have the stamp 0: the node cannot know how old they are"));
    }
    if (arrivals.sameStamp()) {
      return List.of(
          Finding.error(
              topic,
              "let the driver stamp each message anew",
              "all messages have the same stamp: they are one old message again and again"));
    }
    var findings = new ArrayList<Finding>();
    double age = arrivals.ageS();
    if (age > MAX_AGE_S) {
      findings.add(
          Finding.error(
              topic,
              age > OTHER_KIND_S ? OTHER_KIND : CLOCKS + ", or look for what delays it",
              "stamps are %.3f s old when they come; at most %.1f s is acted on",
              age,
              MAX_AGE_S));
    } else if (age < -AHEAD_S) {
      findings.add(
          age < -MAX_AGE_S
              ? Finding.error(
                  topic,
                  -age > OTHER_KIND_S ? OTHER_KIND : CLOCKS,
                  "stamps are %.3f s in the future",
                  -age)
              : Finding.warning(topic, CLOCKS, "stamps are %.3f s in the future", -age));
    }
    double gap = arrivals.longestGapS();
    double period = arrivals.rateHz().isPresent() ? 1 / arrivals.rateHz().getAsDouble() : 0;
    if (gap > MAX_AGE_S && gap > 3 * period) {
      findings.add(
          Finding.warning(
              topic,
              "look for what stops it: load, network, USB",
              "came with a pause of %.2f s",
              gap));
    }
    return findings;
  }
}
