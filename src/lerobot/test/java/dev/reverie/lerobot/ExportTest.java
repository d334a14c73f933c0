package dev.reverie.lerobot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.testing.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
  private final Path folder;

  ExportTest(@TempDir Path folder) {
    this.folder = folder;
  }

  private final List<String> told = new ArrayList<>();

  private Path rollouts() {
    return folder.resolve("rollouts");
  }

  private Path dataset() {
    return folder.resolve("dataset");
  }

  private Export.Result export(int fps, EpisodeOutcome.Kind... outcomes) {
    return new Export(false, fps, Set.of(outcomes), "arm3", DatasetWriter.FileLimits.LEROBOT)
        .run(List.of(rollouts()), dataset(), told::add);
  }

  /** Checks that an export is refused and leaves nothing behind. */
  private void assertRefused(int fps, String... expected) throws Exception {
    Refusal.of(LerobotException.class, () -> export(fps), expected);
    assertEquals(List.of("rollouts"), Folders.names(folder));
  }

  @Test
  void theMetadataTellsWhatTheDatasetHas() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    RecordedArm.SMALL
        .withTask("again", EpisodeOutcome.Kind.FAILURE)
        .withSteps(3)
        .record(rollouts(), "b");
    export(0);
    JsonNode info = new ObjectMapper().readTree(dataset().resolve("meta/info.json").toFile());
    assertEquals("v3.0", info.path("codebase_version").asText());
    assertEquals("arm3", info.path("robot_type").asText());
    assertEquals(10, info.path("fps").asInt());
    assertEquals(2, info.path("total_episodes").asInt());
    assertEquals(14, info.path("total_frames").asInt());
    assertEquals(2, info.path("total_tasks").asInt());
    assertEquals("0:2", info.path("splits").path("train").asText());
    assertTrue(info.path("video_path").isNull());
    JsonNode camera = info.path("features").path("observation.images.front");
    assertEquals("[48,64,3]", camera.path("shape").toString());
    assertEquals("image", camera.path("dtype").asText());
    JsonNode stats = new ObjectMapper().readTree(dataset().resolve("meta/stats.json").toFile());
    assertEquals(13, stats.path("index").path("max").path(0).asInt());
    assertEquals(2.0 / 14, stats.path("next.done").path("mean").path(0).asDouble(), 1e-12);
    assertEquals(3, stats.path("observation.images.wrist").path("mean").size());
  }

  @Test
  void theLastFrameIsTheEndWithTheArmStayingThere() {
    Path bag = RecordedArm.SMALL.record(rollouts(), "a");
    export(0);
    try (DatasetReader reader = new DatasetReader(dataset())) {
      DatasetReader.Entry entry = reader.episodes().getFirst();
      assertEquals(10, entry.length());
      Lineage lineage = entry.lineage().orElseThrow();
      assertEquals(RecordedArm.POLICY, lineage.policyId());
      assertEquals(EpisodeOutcome.Kind.SUCCESS, lineage.outcome());
      assertEquals(64, lineage.bagSha256().length());
      reader.begin(entry);
      for (int t = 0; t <= 9; t++) {
        assertTrue(reader.next());
        assertEquals("reach the red ball", reader.task());
        assertEquals(t == 9, reader.flag("next.done"));
        assertEquals(t == 9, reader.flag("next.success"));
        assertEquals(t == 9 ? 1 : 0, reader.numbers("next.reward")[0]);
        assertEquals(t == RecordedArm.HELD_STEP || t == 9, reader.flag("reverie.held"));
        double[] sent = RecordedArm.positions(Math.min(t + 1, 9));
        assertEquals((float) sent[1], (float) reader.numbers("action")[1]);
        assertEquals((float) (t / 10.0), (float) reader.numbers("timestamp")[0]);
      }
    }
    assertTrue(Files.isDirectory(bag));
  }

  @Test
  void onlyTheOutcomesAskedForAreTaken() {
    RecordedArm.SMALL.record(rollouts(), "a");
    RecordedArm.SMALL.withTask("x", EpisodeOutcome.Kind.FAILURE).record(rollouts(), "b");
    RecordedArm.SMALL.withTask("y", EpisodeOutcome.Kind.ABORTED).record(rollouts(), "c");
    assertEquals(new Export.Result(1, 10, 2), export(0, EpisodeOutcome.Kind.FAILURE));
  }

  @Test
  void aDamagedBagIsLeftOutByName() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    Path damaged = RecordedArm.SMALL.record(rollouts(), "b");
    Folders.cut(damaged.resolve("b_0.mcap"), 2000);
    assertEquals(new Export.Result(1, 10, 1), export(0));
    assertTrue(told.getFirst().startsWith("left out: " + damaged), told.toString());
  }

  @Test
  void nothingToExportIsRefused() throws Exception {
    Files.createDirectories(rollouts());
    assertRefused(0, "no episode", "record some first");
    RecordedArm.SMALL.record(rollouts(), "a");
    Refusal.of(
        LerobotException.class,
        () -> export(0, EpisodeOutcome.Kind.ABORTED),
        "with an outcome of [ABORTED]");
  }

  @Test
  void anExistingFolderIsNotTouched() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    Files.createDirectories(dataset());
    Files.writeString(dataset().resolve("mine"), "mine");
    Refusal.of(LerobotException.class, () -> export(0), "exists already; choose another folder");
    assertEquals(List.of("mine"), Folders.names(dataset()));
  }

  @Test
  void robotsAndCamerasAreNotMixed() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    Path other = RecordedArm.SMALL.withSize(32, 32).record(rollouts(), "b");
    assertRefused(0, other.toString(), "has cameras {front=32x32, wrist=32x32}", "64x48");
  }

  @Test
  void camerasThatNoPolicySeesAreTakenWhereTheyHaveAPictureAtEachStep() throws Exception {
    RecordedArm.SMALL.recordOfOneCamera(rollouts(), "a", -1);
    export(0);
    assertEquals(List.of("front", "wrist"), cameras());
    assertEquals(List.of(), told);
  }

  @Test
  void aCameraThatNoPolicySeesIsLeftOutByNameWhereItWouldCostSteps() throws Exception {
    Path bag = RecordedArm.SMALL.recordOfOneCamera(rollouts(), "b", 5);
    assertEquals(new Export.Result(1, 10, 0), export(0));
    assertEquals(List.of("front"), cameras());
    assertEquals(
        List.of(
            bag
                + ": camera 'wrist' is left out: not every step has a picture of it; name each camera"
                + " that is to be taken with --camera"),
        told);
  }

  @Test
  void camerasThatAreNamedAreTakenAtTheCostOfSteps() throws Exception {
    RecordedArm.SMALL.recordOfOneCamera(rollouts(), "a", 5);
    Set<String> both = Set.of("front", "wrist");
    Export.Result result =
        new Export(
                false, 0, Set.of(), both, "", DatasetWriter.FileLimits.LEROBOT, Alignment.DEFAULT)
            .run(List.of(rollouts()), dataset(), told::add);
    assertEquals(new Export.Result(1, 9, 0), result); // steps 0 to 3 and 6 to 8
    assertEquals(List.of("front", "wrist"), cameras());
    assertTrue(told.getFirst().contains("2 pieces"), told.toString());
  }

  @Test
  void aCameraThatTheEpisodesBeforeLackIsLeftOutByName() throws Exception {
    RecordedArm.SMALL.recordOfOneCamera(rollouts(), "a", 5);
    RecordedArm.SMALL.recordOfOneCamera(rollouts(), "b", -1);
    export(0);
    assertEquals(List.of("front"), cameras());
    assertTrue(told.getLast().contains("the episodes before it have none"), told.toString());
  }

  private List<String> cameras() throws Exception {
    JsonNode info = new ObjectMapper().readTree(dataset().resolve("meta/info.json").toFile());
    return info.path("features").properties().stream()
        .map(Map.Entry::getKey)
        .filter(name -> name.startsWith("observation.images."))
        .map(name -> name.substring("observation.images.".length()))
        .toList();
  }

  @Test
  void ratesAreNotMixedAndMustBeWholeNumbers() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    Path other = RecordedArm.SMALL.withPeriodNanos(50_000_000).record(rollouts(), "b");
    assertRefused(0, other.toString(), "has steps a second 20", "before it 10");
    assertRefused(30, "has 10.000 steps a second, not 30; leave --fps out");
    RecordedArm.SMALL
        .withPeriodNanos(150_000_000)
        .record(folder.resolve("rollouts").resolve("0"), "c");
    assertRefused(0, "has 6.667 steps a second; a dataset has a whole number");
  }

  @Test
  void aDiskErrorLeavesNothingBehind() throws Exception {
    RecordedArm.SMALL.record(rollouts(), "a");
    Path file = folder.resolve("file");
    Files.writeString(file, "no folder");
    Refusal.of(
        LerobotException.class,
        () ->
            new Export(false, 0, Set.of(), "", DatasetWriter.FileLimits.LEROBOT)
                .run(List.of(rollouts()), file.resolve("dataset"), told::add),
        "cannot write");
    assertEquals(List.of("file", "rollouts"), Folders.names(folder));
    assertEquals(Optional.empty(), told.stream().findFirst());
  }
}
