package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.report.Interval;
import dev.reverie.testing.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RoundAuditTest {
  private static final String AUDIT =
      """
      "audit": {"starts": 26, "imagined": {"value": 0.5, "low": 0.4, "high": 0.6},
                "gap": {"value": 0.02, "low": -0.1, "high": 0.14}}}
      """;

  @Test
  void aWorldModelThatHasCollapsedIsNotBelievedThoughItsGapIsSmall(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("improve.json");
    Files.writeString(file, "{\"believed\": false, \"collapsed\": true, " + AUDIT);
    RoundAudit collapsed = RoundAudit.ofTraining(file);
    assertFalse(collapsed.believed());
    assertEquals(26, collapsed.starts());
    assertEquals(new Interval(0.02, -0.1, 0.14), collapsed.gap());
    String verdict = summary(collapsed).verdict().orElseThrow();
    assertTrue(verdict.contains("the world model goes its own way whatever is done"), verdict);

    Files.writeString(file, "{\"believed\": true, \"collapsed\": false, " + AUDIT);
    assertTrue(RoundAudit.ofTraining(file).believed());
  }

  @Test
  void aTrainingThatDoesNotSayWhetherItMayBeBelievedIsNot(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("improve.json"), "{" + AUDIT);
    Refusal.of(
        RoundException.class,
        () -> RoundAudit.ofTraining(file),
        "improve.json does not say whether imagination may be believed",
        "delete the folder");
  }

  private static RoundSummary summary(RoundAudit audit) {
    return new RoundSummary(
        1,
        List.of(),
        Success.of(List.of(true, false)),
        audit,
        Optional.empty(),
        new TreeMap<>(),
        new RoundSummary.Policies("a", "b"));
  }
}
