package dev.reverie.trainer.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.testing.Refusal;
import dev.reverie.trainer.nn.LibtorchTest;
import dev.reverie.trainer.nn.Torch;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitTest extends LibtorchTest {
  private static final Split.Config USUAL = Split.Config.DEFAULT;
  private static final Recordings.Folder DEMONSTRATIONS =
      Examples.folder(Examples.episodes("d", 4));

  @Test
  void whatTheWorldModelHasLearnedFromJudgesInNoLaterRound() {
    Sides sides = Sides.NONE;
    Set<String> learned = new HashSet<>();
    Set<String> judging = new HashSet<>();
    for (int count : new int[] {5, 8, 20, 21, 60, 128}) { // the base stays, and has more each time
      Torch.seed(count, "split"); // each round has a seed of its own
      Recordings.Folder rollouts = Examples.folder(Examples.episodes("r", count));
      Split split = Split.draw(DEMONSTRATIONS, rollouts, sides, USUAL);
      Set<String> now = ids(rollouts, Torch.longs(split.heldOut()));
      assertTrue(now.stream().noneMatch(learned::contains), "learned from before " + count);
      assertTrue(now.containsAll(judging), "judged before " + count);
      int successes = Math.ceilDiv(count, 2);
      long wanted =
          Math.max(1, Math.round(0.2 * successes))
              + Math.max(1, Math.round(0.2 * (count - successes)));
      assertTrue(Math.abs(now.size() - wanted) <= 1, "%d of %d".formatted(now.size(), count));
      learned.addAll(ids(rollouts, Torch.longs(split.learned())));
      judging = now;
      sides = split.sides();
    }
  }

  @Test
  void whereNothingIsKnownTheSidesAreOfTheRecordingsAlone() {
    Recordings.Folder rollouts = Examples.folder(Examples.episodes("r", 40));
    Torch.seed(1, "split");
    Split one = Split.draw(DEMONSTRATIONS, rollouts, Sides.NONE, USUAL);
    Torch.seed(2, "split");
    Split other = Split.draw(DEMONSTRATIONS, rollouts, Sides.NONE, USUAL);
    assertEquals(one.sides(), other.sides());
    assertEquals(8, one.heldOut().size(0));
    assertEquals(32, one.learned().size(0));
    Dataset relabelled = Examples.episodes("r", 40);
    Recordings.Folder later =
        new Recordings.Folder(
            relabelled,
            relabelled.ids().stream().map(id -> new Recording(id, "later " + id, 0)).toList());
    assertEquals(
        one.sides(), Split.draw(DEMONSTRATIONS, later, one.sides(), USUAL).sides(), "by id");
  }

  @Test
  void whatAnotherPolicyDidInASceneStandsOnTheSameSide() {
    long[] scenes = LongStream.rangeClosed(101, 120).toArray();
    Recordings.Folder rollouts = Examples.folder(Examples.episodes("base", 20), scenes);
    Recordings.Folder twins = Examples.folder(Examples.episodes("improved", 20), scenes);
    Split split = Split.draw(twins, rollouts, Sides.NONE, USUAL);
    assertEquals(scenes(rollouts, split.heldOut()), scenes(twins, split.spared()));
    assertEquals(4, split.spared().size(0));
    assertEquals(16, split.shown(20).size(0));
    Set<Long> shown = new HashSet<>(scenes(twins, split.shown(20)));
    assertTrue(scenes(rollouts, split.heldOut()).stream().noneMatch(shown::contains));
    // The better policy was taken: now its own episodes are rollouts, and those of the base stand
    // beside the demonstrations.
    Split next = Split.draw(rollouts, twins, split.sides(), USUAL);
    assertEquals(scenes(rollouts, split.heldOut()), scenes(twins, next.heldOut()));
    assertEquals(scenes(rollouts, split.heldOut()), scenes(rollouts, next.spared()));
  }

  @Test
  void thePiecesOfARecordingWithGapsStandOnOneSide() {
    Dataset pieces = Examples.episodes("r", 16);
    List<Recording> recordings =
        LongStream.range(0, 8).mapToObj(n -> new Recording("r" + n, "r" + n, 0)).toList();
    Dataset named =
        new Dataset(
            LongStream.range(0, 16).mapToObj(n -> "r%d#%d".formatted(n / 2, n % 2 + 1)).toList(),
            pieces.policies(),
            pieces.texts(),
            pieces.tokens(),
            pieces.frames(),
            pieces.actions(),
            pieces.joints(),
            pieces.steps(),
            Torch.of(new byte[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 16)
                .to(pieces.success().scalar_type()),
            pieces.instruction(),
            pieces.taskOf(),
            pieces.acted(),
            pieces.late());
    Split split =
        Split.draw(DEMONSTRATIONS, new Recordings.Folder(named, recordings), Sides.NONE, USUAL);
    long[] heldOut = Torch.longs(split.heldOut());
    assertEquals(4, heldOut.length, "a success and a failure of two pieces each");
    assertEquals(heldOut[0] + 1, heldOut[1]);
    assertEquals(0, heldOut[0] % 2);
    assertEquals(2, split.sides().heldOut().size());
  }

  @Test
  void aFewRolloutsStillHaveOneOfEachOutcomeThatJudges() {
    Split split =
        Split.draw(DEMONSTRATIONS, Examples.folder(Examples.episodes("r", 4)), Sides.NONE, USUAL);
    assertEquals(2, split.heldOut().size(0));
    assertEquals(2, split.learned().size(0));
  }

  @Test
  void aWorldModelThatHasLearnedFromAllIsJudgedByNone() {
    Recordings.Folder rollouts = Examples.folder(Examples.episodes("r", 8));
    Sides all =
        new Sides(
            0.2, false, List.of(), rollouts.recordings().stream().map(Sides.Known::of).toList());
    Refusal.of(
        TrainerException.class,
        () -> Split.draw(DEMONSTRATIONS, rollouts, all, USUAL),
        "has learned from all 4 successes",
        "record more");
  }

  @Test
  void aRunThatDrewByItsSeedLeavesWhatItDrewToTheNext() {
    Recordings.Folder rollouts = Examples.folder(Examples.episodes("r", 40));
    Torch.seed(3, "split");
    Split older = Split.bySeed(DEMONSTRATIONS, rollouts, Sides.NONE, USUAL);
    assertEquals(8, older.heldOut().size(0));
    assertTrue(older.sides().bySeed());
    Split next = Split.draw(DEMONSTRATIONS, rollouts, older.sides(), USUAL);
    assertEquals(
        ids(rollouts, Torch.longs(older.heldOut())), ids(rollouts, Torch.longs(next.heldOut())));
    assertFalse(next.sides().bySeed());
  }

  @Test
  void sidesAreReadAsTheyWereLeft(@TempDir Path folder) throws IOException {
    Sides sides =
        new Sides(0.2, true, List.of(new Sides.Known("a", 7)), List.of(new Sides.Known("b", 0)));
    assertEquals(Sides.NONE, Sides.read(folder));
    sides.write(folder);
    assertEquals(sides, Sides.read(folder));
    Files.writeString(folder.resolve(Sides.FILE), "{\"heldOutShare\": 0.2");
    Refusal.of(TrainerException.class, () -> Sides.read(folder), "split.json", "restore it");
  }

  @Test
  void seedsThatAreNotDrawnAnewTellNoScene() {
    List<String> policies = List.of("a", "a", "a", "b", "b", "b", "");
    assertEquals(
        List.of(1L, 2L, 3L, 0L, 0L, 0L, 0L),
        Recording.scenes(policies, List.of(1L, 2L, 3L, 7L, 7L, 7L, 0L)));
    assertEquals(List.of(5L, 5L), Recording.scenes(List.of("a", "a"), List.of(5L, 5L)));
  }

  private static Set<String> ids(Recordings.Folder folder, long[] places) {
    Set<String> ids = new HashSet<>();
    for (long place : places) {
      ids.add(folder.recordingIds().get((int) place));
    }
    return ids;
  }

  private static Set<Long> scenes(Recordings.Folder folder, Tensor places) {
    Set<Long> scenes = new HashSet<>();
    for (long place : Torch.longs(places)) {
      scenes.add(folder.recordings().get((int) place).scene());
    }
    return scenes;
  }
}
