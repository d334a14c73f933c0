package dev.reverie.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeOutcome.Kind;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.EpisodeWriter;
import dev.reverie.rollout.Rollouts;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutIndexTest {
  private static final long PERIOD = 100_000_000L;
  private static final RolloutIndex.Moment AS_TOLD = new RolloutIndex.Moment.AsTold();

  @TempDir Path folder;

  private Path rollouts() {
    return folder.resolve("rollouts");
  }

  private RolloutIndex index() {
    return new RolloutIndex(rollouts(), folder.resolve("caches"));
  }

  /** Returns what is listed once every bag was looked at. */
  private static List<RolloutRow> rows(RolloutIndex index) {
    RolloutIndex.Listing told = index.list();
    while (told.looking()) {
      told = index.list();
    }
    return told.rows();
  }

  /** Records an episode of some steps. */
  static Path record(Path rollouts, String id, Kind outcome) {
    var head = new EpisodeHead(id, "wave", "policy", "ab12", 0, 0, List.of("shoulder"), "", PERIOD);
    try (EpisodeWriter episode = EpisodeWriter.begin(rollouts, head, PERIOD, "{}")) {
      episode.chunk(PERIOD, 3, 0.1f, 0.2f, 0.3f);
      for (int t = 1; t <= 3; t++) {
        episode.observe(t * PERIOD, new double[] {t}, Map.of());
        episode.step(t * PERIOD, new double[] {t}, new double[] {t + 1});
      }
      episode.observe(4 * PERIOD, new double[] {4}, Map.of());
      if (outcome != Kind.UNLABELLED) {
        episode.end(new EpisodeOutcome(outcome, 4 * PERIOD, "ada", "it waved"), 4 * PERIOD);
      }
    }
    return rollouts.resolve(id);
  }

  private static Path recording(Path bag) throws Exception {
    try (Stream<Path> files = Files.list(bag)) {
      return files.filter(file -> file.toString().endsWith(".mcap")).findFirst().orElseThrow();
    }
  }

  private static void refused(String why, Runnable work) {
    String told = String.valueOf(assertThrows(Refusal.class, work::run).getMessage());
    assertTrue(told.contains(why), told);
  }

  @Test
  void theNewestComesFirstAndWhatDidNotChangeIsNotReadAgain() throws Exception {
    record(rollouts().resolve("monday"), "20261130T100000000-0001", Kind.SUCCESS);
    record(rollouts(), "20261130T110000000-0001", Kind.UNLABELLED);
    RolloutIndex index = index();
    List<RolloutRow> rows = rows(index);
    assertEquals(
        List.of("20261130T110000000-0001", "monday/20261130T100000000-0001"),
        rows.stream().map(RolloutRow::name).toList());
    assertEquals("wave", rows.get(1).instruction());
    assertEquals("success", rows.get(1).outcome());
    assertEquals("ada", rows.get(1).labeller());
    assertEquals(3, rows.get(1).commands());
    // Another console finds what this one read: a row whose files are as they were is not read.
    Path cache;
    try (Stream<Path> files = Files.list(folder.resolve("caches"))) {
      cache = files.findFirst().orElseThrow();
    }
    Files.writeString(cache, Files.readString(cache).replace("\"wave\"", "\"kept\""));
    assertEquals("kept", rows(index()).getFirst().instruction());
    Files.writeString(cache, "{\"folder\":\"torn");
    assertEquals("wave", rows(index()).getFirst().instruction());
  }

  @Test
  void aLabelIsAppendedWithTheNameOfWhoGaveIt() throws Exception {
    Path bag = record(rollouts(), "one", Kind.SUCCESS);
    RolloutIndex index = index();
    String before = rows(index).getFirst().stamp();
    assertTrue(index.label("one", "failure", "Bob", "it did not", AS_TOLD).ok());
    RolloutRow row = rows(index).getFirst();
    assertEquals(
        "failure Bob it did not", row.outcome() + " " + row.labeller() + " " + row.reason());
    assertNotEquals(before, row.stamp());
    assertEquals("", Rollouts.summary(bag).problem());
    refused("the outcome is 'great'", () -> index.label("one", "great", "Bob", "", AS_TOLD));
    refused("one line of text", () -> index.label("one", "failure", "Bob", "a\nb", AS_TOLD));
    refused(
        "there is no rollout '../one'", () -> index.label("../one", "failure", "Bob", "", AS_TOLD));
    refused("there is no rollout '/etc'", () -> index.recover("/etc"));
  }

  @Test
  void aSuccessIsLabelledAtThePictureThatIsShown() {
    Path bag = FilmTest.record(rollouts(), "one", "wave", Kind.FAILURE);
    RolloutIndex index = index();
    assertEquals(1, rows(index).size());
    // The twelfth picture, of the stamp 12 * PERIOD: the first one is at 0 ms.
    assertTrue(index.label("one", "success", "Bob", "", new RolloutIndex.Moment.InFilm(1149)).ok());
    Episode episode = EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures();
    assertEquals(12 * PERIOD, episode.outcome().stampNanos());
    assertEquals(11, episode.steps().size());
    assertEquals(Long.toString(12 * PERIOD), rows(index).getFirst().outcomeStamp());
    assertTrue(index.label("one", "failure", "Bob", "", AS_TOLD).ok());
    String end = rows(index).getFirst().outcomeStamp();
    assertEquals(Long.toString(31 * PERIOD), end);
    assertTrue(
        index.label("one", "success", "Bob", "", RolloutIndex.Moment.of(-1, "900000000")).ok());
    assertEquals("900000000", rows(index).getFirst().outcomeStamp());
    refused(
        "is no moment of the episode",
        () -> index.label("one", "success", "Bob", "", new RolloutIndex.Moment.InFilm(0)));
    refused("the stamp is 'x'", () -> RolloutIndex.Moment.of(-1, "x"));
  }

  @Test
  void aBagThatWasCutIsSaidToBeBrokenAndRecovered() throws Exception {
    Path bag = record(rollouts(), "cut", Kind.SUCCESS);
    Path file = recording(bag);
    try (var cut = new RandomAccessFile(file.toFile(), "rw")) {
      cut.setLength(cut.length() - 40);
    }
    RolloutIndex index = index();
    assertFalse(rows(index).getFirst().problem().isEmpty());
    assertTrue(index.recover("cut").ok());
    RolloutRow row = rows(index).getFirst();
    assertEquals("", row.problem());
    assertEquals("success", row.outcome());
  }

  @Test
  void filesThatAreNoBagsAreNotListedAndAFolderThatIsGoneIsSaid() throws Exception {
    refused("there is no folder", () -> index().list());
    Files.createDirectories(rollouts());
    for (int i = 0; i < 10_000; i++) {
      Files.createFile(rollouts().resolve("note" + i + ".txt"));
    }
    record(rollouts(), "one", Kind.UNLABELLED);
    assertEquals(1, rows(index()).size());
  }

  @Test
  void tenThousandFilesThatAreCalledBagsAndAreNoneAreBrokenOneByOne() throws Exception {
    Files.createDirectories(rollouts());
    for (int i = 0; i < 10_000; i++) {
      Files.writeString(rollouts().resolve("a%05d.mcap".formatted(i)), "no bag");
    }
    List<RolloutRow> rows = rows(index());
    assertEquals(10_000, rows.size());
    assertTrue(rows.stream().noneMatch(row -> row.problem().isEmpty()));
    assertEquals("a09999.mcap", rows.getFirst().name());
  }
}
