package dev.reverie.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.mcap.Durable;
import dev.reverie.policy.JsonWords;
import dev.reverie.rollout.FileErrors;
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
      seconds = Files.exists(file) ? read(file) : new LinkedHashMap<>();
    } catch (JsonProcessingException e) {
      throw damaged(file, JsonWords.reason(e));
    } catch (IOException e) {
      throw damaged(file, FileErrors.reason(e));
    }
  }

  private static SequencedMap<String, Double> read(Path file) throws IOException {
    LinkedHashMap<String, Double> seconds =
        JSON.readValue(file.toFile(), new TypeReference<LinkedHashMap<String, Double>>() {});
    if (seconds == null || seconds.containsValue(null)) {
      throw damaged(file, "a null stands in it");
    }
    return seconds;
  }

  private static TrainerException damaged(Path file, String why) {
    return new TrainerException(
        "cannot read %s, the seconds that the stages took: %s; delete it".formatted(file, why));
  }

  SequencedMap<String, Double> seconds() {
    return seconds;
  }

  /** Does the work of a stage and adds its seconds, where it fails too. */
  <T> T time(String stage, Supplier<T> work) {
    long begin = System.nanoTime();
    T result;
    try {
      result = Progress.stage(stage, work);
    } catch (Throwable failed) {
      addAfter(failed, stage, begin);
      throw failed;
    }
    FreeMemory.giveBack();
    add(stage, (System.nanoTime() - begin) / 1e9);
    return result;
  }

  /**
   * Keeps the seconds of a stage that failed; that it failed is told even though they cannot be
   * kept, such as on a full disk.
   */
  private void addAfter(Throwable failed, String stage, long begin) {
    try {
      FreeMemory.giveBack();
      add(stage, (System.nanoTime() - begin) / 1e9);
    } catch (RuntimeException e) {
      failed.addSuppressed(e);
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
