package dev.reverie.round;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditTableTest {
  private static final String NONE = "{\"value\": 0.0, \"low\": 0.0, \"high\": 1.0}";
  private static final String HALF = "{\"value\": 0.5, \"low\": 0.25, \"high\": 0.75}";
  private static final String QUALITY = "{\"precision\": %s, \"recall\": %s}";

  @Test
  void whatTheRewardSaysIsToldByTheChunkInWhichItIsSaid(@TempDir Path folder) throws IOException {
    String nothing = QUALITY.formatted(NONE, NONE);
    String half = QUALITY.formatted(HALF, NONE);
    Files.writeString(
        folder.resolve("improve.json"),
        """
        {"reward_classifier": {"real": %s, "replayed": %s, "byDepth": [
          {"undecided": 26, "rightly": 0, "wrongly": 0, "precision": %s, "upTo": %s},
          {"undecided": 26, "rightly": 3, "wrongly": 3, "precision": %s, "upTo": %s}]}}
        """
            .formatted(half, half, NONE, nothing, HALF, half));
    String html = AuditTable.html(folder);
    assertTrue(
        html.contains(
            "in the replay up to chunk 2, in which it first says success of 6 of 26 that are left,"
                + " rightly of 3</td><td class=\"n\">50 % [25, 75]"),
        html);
    assertFalse(html.contains("up to chunk 1"), "nothing was said and nothing due: " + html);
  }

  @Test
  void whatAnEarlierVersionToldByTheChunkOfTheEndIsLeftOut(@TempDir Path folder)
      throws IOException {
    String half = QUALITY.formatted(HALF, HALF);
    Files.writeString(
        folder.resolve("improve.json"),
        "{\"reward_classifier\": {\"real\": %s, \"replayed\": %s, \"byDepth\": [%s]}}"
            .formatted(half, half, half));
    String html = AuditTable.html(folder);
    assertFalse(html.contains("chunk"), html);
    assertTrue(html.contains("in the world model's replay"), html);
  }
}
