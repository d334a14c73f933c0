package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.rosbag2.Rosbag2Appender;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EpisodeSummaryRecordTest {
  private final Path folder;

  EpisodeSummaryRecordTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void theNoteInABagsEndSaysWhatItsMessagesSay() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 5);
    Rollouts.label(bag, Kind.FAILURE, "ada", "it fell over");
    BagFiles files = new BagFiles(bag);
    BagIndex index = BagIndex.read(files);
    assertEquals(EpisodeSummaryRecord.read(files, index.topics()), index.summary().orElseThrow());
    RolloutSummary summary = Rollouts.summary(bag);
    assertEquals(Kind.FAILURE, summary.outcome().kind());
    assertEquals("it fell over", summary.outcome().reason());
    assertEquals(RecordedArm.stamp(5), summary.outcome().stampNanos());
    assertEquals(5, summary.commands());
    assertEquals(77, summary.seed());
    assertTrue(Math.abs(summary.recordedNanos() - System.currentTimeMillis() * 1e6) < 3600e9);
  }

  @Test
  void aNoteThatSaysSomethingElseIsFoundAndWrittenAnew() {
    Path bag = RecordedArm.episode(folder, "one", 5);
    EpisodeSummaryRecord summary = EpisodeSummaryRecord.read(new BagFiles(bag));
    EpisodeSummaryRecord wrong =
        EpisodeSummaryRecord.of(
                new McapMetadata(
                    EpisodeSummaryRecord.RECORD,
                    replaced(summary.metadata().values(), "outcome", "failure")))
            .orElseThrow();
    Rosbag2Appender.append(bag, appender -> appender.addMetadata(wrong.metadata()));
    assertEquals(Kind.FAILURE, Rollouts.summary(bag).outcome().kind());
    assertTrue(Rollouts.verify(bag).getFirst().contains("note"), Rollouts.verify(bag).toString());
    assertEquals(1, Rollouts.recover(bag).size());
    assertEquals(Kind.SUCCESS, Rollouts.summary(bag).outcome().kind());
    assertEquals(List.of(), Rollouts.verify(bag));
    // One that does not know of all messages does not count.
    EpisodeSummaryRecord old =
        EpisodeSummaryRecord.of(
                new McapMetadata(
                    EpisodeSummaryRecord.RECORD,
                    replaced(wrong.metadata().values(), "events", "1")))
            .orElseThrow();
    Rosbag2Appender.append(bag, appender -> appender.addMetadata(old.metadata()));
    assertEquals(Kind.SUCCESS, Rollouts.summary(bag).outcome().kind());
  }

  private static Map<String, String> replaced(Map<String, String> map, String key, String value) {
    Map<String, String> copy = new HashMap<>(map);
    copy.put(key, value);
    return copy;
  }
}
