package dev.reverie.trainer.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reverie.testing.Prepared;
import dev.reverie.testing.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  @Test
  @Prepared
  void tensorBoardReadsTheCurves(@TempDir Path folder) throws Exception {
    write(new Metrics(folder.resolve("head.jsonl"), "head"), 0, 5);
    assertEquals(expected(5), read(folder));
  }

  @Test
  @Prepared
  void aRunThatWasKilledHasEachStepOnceForTensorBoardToo(@TempDir Path folder) throws Exception {
    write(new Metrics(folder.resolve("head.jsonl"), "head"), 0, 9);
    byte[] torn = {17, 0, 0, 0};
    Files.write(events(folder).getFirst(), torn, StandardOpenOption.APPEND);
    Files.writeString(
        folder.resolve("head.jsonl"), "{\"stage\":\"head\",\"st", StandardOpenOption.APPEND);
    Metrics resumed = new Metrics(folder.resolve("head.jsonl"), "head");
    resumed.truncate(6);
    write(resumed, 6, 12);
    assertEquals(expected(12), read(folder));
    assertEquals(1, events(folder).size());
  }

  @Test
  @Prepared
  void aFolderFromBeforeTensorBoardGetsItsEarlierStepsToo(@TempDir Path folder) throws Exception {
    write(new Metrics(folder.resolve("head.jsonl"), "head"), 0, 4);
    for (Path file : events(folder)) {
      Files.delete(file);
    }
    Metrics resumed = new Metrics(folder.resolve("head.jsonl"), "head");
    resumed.truncate(4);
    write(resumed, 4, 6);
    assertEquals(expected(6), read(folder));
  }

  @Test
  void aStageThatBeginsAnewDropsTheCurvesOfTheOldOne(@TempDir Path folder) throws IOException {
    write(new Metrics(folder.resolve("head.jsonl"), "head"), 0, 4);
    new Metrics(folder.resolve("head.jsonl"), "head").truncate(0);
    assertEquals("", Files.readString(folder.resolve("head.jsonl")));
    assertEquals(List.of(), events(folder));
  }

  private static void write(Metrics metrics, int from, int to) {
    for (int step = from; step < to; step++) {
      metrics.begin(true);
      metrics.add("loss", step + 0.25);
      metrics.add("accuracy", 2);
      metrics.add("accuracy", 3); // of several the mean
      metrics.end(step);
    }
  }

  private static List<String> expected(int steps) {
    List<String> lines = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      lines.add("accuracy " + step + " 2.5");
    }
    for (int step = 0; step < steps; step++) {
      lines.add("loss " + step + " " + (step + 0.25));
    }
    return lines;
  }

  private static List<Path> events(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("tensorboard/head"))) {
      return files.toList();
    }
  }

  private static List<String> read(Path folder) throws Exception {
    return Python.run("trainer/test/resources/read_events.py", folder.resolve("tensorboard/head"));
  }
}
