package dev.reverie.trainer.imagination;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reverie.mcap.Durable;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.Torch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Predicate;
import org.bytedeco.pytorch.Tensor;

/**
 * The groups of a practice, for people to look at: a JSON object a line and group, {@code {"step":
 * .., "draw": .., "episode": .., "frame": .., "instruction": .., "success": [..], "advantage":
 * [..]}}, and {@code "trusted": [..]} where not every rollout is trusted whole. Of several ranks
 * the first writes it. The file is bounded: where it grows too large the oldest half goes.
 */
final class GroupLog {
  /** Name of the file in the run's folder. */
  static final String FILE = "groups.jsonl";

  /** Bytes of the file at most: some 100,000 groups of 8. */
  static final long MOST_BYTES = 16L << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final long most;
  private final boolean written = Ranks.world().first();
  private boolean begun;

  /**
   * Prepares the lines of a run.
   *
   * @param most bytes of the file
   */
  GroupLog(Path folder, long most) {
    file = folder.resolve(FILE);
    this.most = most;
  }

  /**
   * Writes the groups of a draw.
   *
   * @param step iteration; before the first one that is written, the lines of it and of later ones
   *     go, which a run that was stopped has left
   * @param starts P
   * @param success of each rollout [P, G], 0 or 1
   * @param trusted weight of each [P, G]
   * @param advantage of each [P, G]
   */
  void write(
      int step,
      int draw,
      List<Environment.Start> starts,
      Tensor success,
      Tensor trusted,
      Tensor advantage) {
    if (!written) {
      return;
    }
    if (!begun) {
      keep(line -> stepOf(line) < step);
      begun = true;
    }
    double[] ended = Torch.doubles(success);
    double[] weights = Torch.doubles(trusted);
    double[] told = Torch.doubles(advantage);
    int size = ended.length / starts.size();
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < starts.size(); i++) {
      Environment.Start start = starts.get(i);
      ObjectNode line =
          JSON.createObjectNode()
              .put("step", step)
              .put("draw", draw)
              .put("episode", start.episode())
              .put("frame", start.frame())
              .put("instruction", start.instruction());
      ArrayNode successes = line.putArray("success");
      ArrayNode advantages = line.putArray("advantage");
      ArrayNode trust = JSON.createArrayNode();
      boolean whole = true;
      for (int k = i * size; k < (i + 1) * size; k++) {
        successes.add((int) ended[k]);
        advantages.add(rounded(told[k]));
        trust.add(rounded(weights[k]));
        whole &= weights[k] == 1;
      }
      if (!whole) {
        line.set("trusted", trust);
      }
      lines.append(line).append('\n');
    }
    append(lines.toString());
  }

  /** Four digits are enough to look at. */
  private static double rounded(double value) {
    return Math.round(value * 1e4) / 1e4;
  }

  private void append(String lines) {
    try {
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      long bytes = Files.size(file);
      if (bytes > most) {
        long[] left = {bytes};
        keep(
            line -> {
              boolean old = left[0] > most / 2;
              left[0] -= line.length() + 1;
              return !old;
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the groups to " + file, e);
    }
  }

  private void keep(Predicate<String> wanted) {
    try {
      if (Files.exists(file)) {
        Durable.writeUnforced(
            file,
            Files.readAllLines(file).stream()
                .filter(wanted)
                .map(line -> line + "\n")
                .collect(joining()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the groups to " + file, e);
    }
  }

  private static int stepOf(String line) {
    try {
      return JSON.readTree(line).path("step").asInt(Integer.MAX_VALUE);
    } catch (JsonProcessingException e) {
      return Integer.MAX_VALUE; // a line that a crash cut off
    }
  }
}
