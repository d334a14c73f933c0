package dev.reverie.trainer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What a run was given, in words for checkpoints and reports. */
final class Inputs {
  private Inputs() {}

  /**
   * Tells runs apart whose results must not be mixed.
   *
   * @param hashes of the recordings
   * @param base id of the policy; empty for none
   */
  static String of(List<String> hashes, String base, Settings settings) {
    return "%d recordings %08x, policy '%s', settings %08x"
        .formatted(hashes.size(), hashes.hashCode(), base, settings.toJson().hashCode());
  }

  /** Names the bags that were not used. */
  static void putSkipped(ObjectNode report, List<Recordings.Skipped> skipped) {
    ArrayNode list = report.putArray("skipped");
    skipped.forEach(
        bag -> list.addObject().put("bag", bag.bag().toString()).put("reason", bag.reason()));
  }
}
