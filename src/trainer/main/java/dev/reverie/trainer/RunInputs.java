package dev.reverie.trainer;

import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Puts what a run was given into words, for checkpoints and reports. */
final class RunInputs {
  private RunInputs() {}

  /**
   * Tells runs apart whose results must not be mixed.
   *
   * @param hashes of the recordings
   * @param base id of the policy; empty for none
   * @param parents files that the run goes on from
   */
  static String of(List<String> hashes, String base, Path... parents) {
    StringBuilder text =
        new StringBuilder(
            "%d recordings %s".formatted(hashes.size(), sha256(String.join(" ", hashes))));
    if (!base.isEmpty()) {
      text.append(", policy ").append(base, 0, Math.min(16, base.length()));
    }
    for (Path parent : parents) {
      text.append(", ").append(parent.getFileName()).append(' ').append(TrainLoop.sha256(parent));
    }
    return text.toString();
  }

  private static String sha256(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
