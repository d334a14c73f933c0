package dev.reverie.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.Rollouts;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordedTemperaturesTest {
  private static final long PERIOD = 100_000_000L;

  @TempDir Path folder;

  private void record(String id, String policy, float temperature) {
    var head =
        new EpisodeHead(
            id, "wave", "policy", policy, temperature, 0, List.of("shoulder"), "", PERIOD);
    try (var episode = EpisodeWriter.begin(folder, head, PERIOD, "{}")) {
      episode.observe(PERIOD, new double[] {0}, Map.of());
      episode.end(
          new EpisodeOutcome(EpisodeOutcome.Kind.FAILURE, 2 * PERIOD, "ada", ""), 2 * PERIOD);
    }
  }

  private RecordedTemperatures recorded() {
    return RecordedTemperatures.of(Rollouts.bags(folder));
  }

  @Test
  void rolloutsOfAnotherTemperatureThanThatOfPracticeAreSaid() {
    record("one", "ab12", 1);
    record("two", "ab12", 1);
    record("person", "", 0);
    assertEquals(Optional.empty(), recorded().unlike(1));
    assertEquals(Optional.of(1f), recorded().single());
    String said = recorded().unlike(1.6).orElseThrow();
    assertTrue(
        said.contains("2 at temperature 1.0") && said.contains("practice draws at 1.6"), said);
    record("three", "ab12", 1.6f);
    assertTrue(recorded().unlike(1.6).orElseThrow().contains("2 at temperature 1.0 were"));
    assertEquals(Optional.empty(), recorded().single());
  }
}
