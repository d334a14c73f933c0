package dev.reverie.trainer;

import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.data.Recordings;
import dev.reverie.trainer.data.Sides;
import dev.reverie.trainer.nn.TrainLoop;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** Puts what a run was given into words, for checkpoints and reports. */
final class RunInputs {
  private RunInputs() {}

  /**
   * Tells runs apart whose results must not be mixed.
   *
   * @param folders of recordings, each for another use
   * @param base id of the policy; empty for none
   * @param parents files that the run goes on from
   */
  static String of(List<Recordings.Folder> folders, String base, Path... parents) {
    StringBuilder text =
        new StringBuilder(
            folders.stream()
                .map(Recordings.Folder::hashes)
                .map(
                    hashes ->
                        "%d recordings %s"
                            .formatted(hashes.size(), sha256(String.join(" ", hashes))))
                .collect(Collectors.joining(" and ")));
    if (!base.isEmpty()) {
      text.append(", policy ").append(base, 0, Math.min(16, base.length()));
    }
    for (Path parent : parents) {
      text.append(", ").append(parent.getFileName()).append(' ').append(TrainLoop.sha256(parent));
    }
    return text.toString();
  }

  /** Tells what the world model that a run goes on from has seen; nothing where nobody knows. */
  static String of(Sides before) {
    return before.equals(Sides.NONE) ? "" : ", split " + sha256(before.toString());
  }

  private static String sha256(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16);
  }
}
