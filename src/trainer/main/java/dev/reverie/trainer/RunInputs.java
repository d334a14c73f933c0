package dev.reverie.trainer;

import java.util.List;

/** Puts what a run was given into words, for checkpoints and reports. */
final class RunInputs {
  private RunInputs() {}

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
}
