package dev.reverie.trainer;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.Durable;
import dev.reverie.trainer.nn.FreeMemory;
import dev.reverie.trainer.nn.Progress;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Supplier;

/** Keeps the seconds that each stage took, over all runs that it took to finish it. */
final class StageTimes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final SequencedMap<String, Double> seconds;

  /**
   * Begins with the times of the runs before, where there were any.
   *
   * @param file that keeps them, as a JSON object of names to seconds
   */
  StageTimes(Path file) {
    this.file = file;
    try {
      seconds =
          Files.exists(file)
              ? JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, Double>>() {})
              : new LinkedHashMap<>();
    } catch (IOException e) {
      throw new TrainerException("cannot read " + file + "; delete it", e);
    }
  }

  SequencedMap<String, Double> seconds() {
    return seconds;
  }

  /** Does the work of a stage and adds its seconds, where it fails too. */
  <T> T time(String stage, Supplier<T> work) {
    long begin = System.nanoTime();
    try {
      return Progress.stage(stage, work);
    } finally {
      FreeMemory.giveBack();
      add(stage, (System.nanoTime() - begin) / 1e9);
    }
  }

  private void add(String stage, double more) {
    seconds.merge(stage, more, Double::sum);
    if (!Ranks.world().first()) {
      return;
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Durable.writeUnforced(file, JSON.writeValueAsString(seconds));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }

  void time(String stage, Runnable work) {
    this.<String>time(
        stage,
        () -> {
          work.run();
          return stage;
        });
  }
}
