package dev.reverie.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.testing.Refusal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Holds that what is missing in a bag costs the ticks that it belongs to, and never the episode.
 */
class GapsTest {
  private static final int STEPS = 12;

  private final Path folder;

  GapsTest(@TempDir Path folder) {
    this.folder = folder;
  }

  /** An episode of ticks whose image, joint state, command or chunk is missing. */
  private Path episode(
      IntPredicate image, IntPredicate joints, IntPredicate command, Set<Integer> chunks) {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      for (int t = 0; t <= STEPS; t++) {
        if (!image.test(t)) {
          arm.image(RecordedArm.stamp(t), "rgb8", 3, RecordedArm.pixels(t, 8));
        }
        double[] positions = RecordedArm.positions(t);
        if (joints.test(t)) {
          positions[1] = Double.NaN;
        }
        arm.joints(RecordedArm.stamp(t), RecordedArm.JOINTS, positions);
        if (t % RecordedArm.HORIZON == 0 && !chunks.contains(t / RecordedArm.HORIZON)) {
          arm.chunk(t / RecordedArm.HORIZON);
        }
        if (t < STEPS && !command.test(t)) {
          arm.command(t, joints.test(t) ? Command.HOLD : Command.POLICY);
        }
      }
      arm.end(EpisodeOutcome.Kind.SUCCESS, RecordedArm.stamp(STEPS));
    }
    return arm.bag();
  }

  private static List<Integer> sizes(Episode episode) {
    return episode.pieces().stream().map(piece -> piece.steps().size()).toList();
  }

  private static List<Integer> ticks(Episode episode) {
    return episode.steps().stream().map(step -> step.command().tick()).toList();
  }

  @Test
  void aMissingImageCostsWhatNeedsIt() {
    Episode episode = Episode.read(episode(t -> t == 5, t -> false, t -> false, Set.of()));
    assertEquals(List.of(0, 1, 2, 3, 6, 7, 8, 9, 10, 11), ticks(episode));
    assertEquals(List.of(4, 6), sizes(episode));
    Piece first = episode.pieces().getFirst();
    assertEquals(RecordedArm.stamp(4), first.last().stampNanos());
    Step unseen = first.unseen().orElseThrow();
    assertEquals(4, unseen.command().tick(), "what was done is known, and not what it did");
    assertEquals(first.last(), unseen.observation());
    int from = 4 % RecordedArm.HORIZON * RecordedArm.DIMS;
    assertArrayEquals(
        Arrays.copyOfRange(
            RecordedArm.actions(4 / RecordedArm.HORIZON), from, from + RecordedArm.DIMS),
        unseen.action());
    assertTrue(episode.pieces().getLast().unseen().isEmpty());
    for (Piece piece : episode.pieces()) {
      for (int t = 0; t < piece.steps().size(); t++) {
        assertEquals(
            RecordedArm.PERIOD,
            piece.observation(t + 1).stampNanos() - piece.observation(t).stampNanos());
      }
    }
    assertEquals(STEPS, episode.commands());
    assertEquals(1, episode.gaps().size());
    String gap = episode.gaps().getFirst().toString();
    assertTrue(gap.startsWith("ticks 4 to 5: what it did was not seen"), gap);
    assertTrue(gap.contains("image on /camera/image_raw within 50 ms"), gap);
    assertTrue(episode.endSeen());
  }

  @Test
  void betweenTwoMissingImagesWhatWasSeenAndDoneIsKnown() {
    Episode episode =
        Episode.read(episode(t -> t == 5 || t == 7, t -> false, t -> false, Set.of()));
    assertEquals(List.of(4, 4), sizes(episode));
    assertEquals(4, episode.pieces().getFirst().unseen().orElseThrow().command().tick());
    assertEquals(1, episode.alone().size());
    Step alone = episode.alone().getFirst();
    assertEquals(6, alone.command().tick());
    assertEquals(RecordedArm.stamp(6), alone.observation().stampNanos());
    assertArrayEquals(RecordedArm.pixels(6, 8), RecordedArm.rgb(alone.observation()));
    assertEquals(RecordedArm.DIMS, alone.action().length);
    assertEquals(STEPS, episode.commands());
    assertEquals(List.of(), Episode.read(RecordedArm.episode(folder, "two", 3)).alone());
  }

  @Test
  void aSecondImageThatIsMissingLeavesWhatWasSeenFirstAlone() {
    Episode episode = Episode.read(episode(t -> t == 1, t -> false, t -> false, Set.of()));
    assertEquals(List.of(STEPS - 2), sizes(episode));
    assertEquals(0, episode.alone().getFirst().command().tick());
  }

  @Test
  void holdsThatAnswerNoNumbersCostTheirTicks() {
    Episode episode =
        Episode.read(episode(t -> false, t -> t == 3 || t == 4, t -> false, Set.of()));
    assertEquals(List.of(0, 1, 5, 6, 7, 8, 9, 10, 11), ticks(episode));
    assertTrue(episode.gaps().getFirst().reason().contains("joint state on /joint_states"));
    assertEquals(2, episode.pieces().getFirst().unseen().orElseThrow().command().tick());
  }

  @Test
  void lostCommandsAndChunksCutToo() {
    Episode lost = Episode.read(episode(t -> false, t -> false, t -> t == 6 || t == 7, Set.of()));
    assertEquals(List.of(0, 1, 2, 3, 4, 8, 9, 10, 11), ticks(lost));
    assertTrue(lost.gaps().getFirst().toString().contains("ticks 6 to 7 are not in the bag"));
    assertEquals(5, lost.pieces().getFirst().unseen().orElseThrow().command().tick());
  }

  @Test
  void aLostChunkCostsItsActions() {
    Episode episode = Episode.read(episode(t -> false, t -> false, t -> false, Set.of(1)));
    int horizon = RecordedArm.HORIZON;
    assertEquals(List.of(horizon, STEPS - 2 * horizon), sizes(episode));
    assertTrue(episode.pieces().getFirst().unseen().isEmpty(), "its action is not known");
    assertTrue(episode.gaps().getFirst().reason().contains("action chunk 1"));
  }

  @Test
  void anEndThatIsLostIsNotShownAsTheOutcome() {
    Episode episode = Episode.read(episode(t -> t >= 9, t -> false, t -> false, Set.of()));
    assertEquals(List.of(8), sizes(episode));
    assertEquals(8, episode.pieces().getFirst().unseen().orElseThrow().command().tick());
    assertEquals(false, episode.endSeen());
  }

  @Test
  void steadyStampsThatStopForLongAreNotOneStep() {
    RecordedArm arm = new RecordedArm(folder, "one", 8);
    try (arm) {
      arm.begin();
      arm.chunk(0);
      for (int t = 0; t <= 6; t++) {
        int at = t < 3 ? t : t + 5;
        arm.joints(RecordedArm.stamp(at), RecordedArm.JOINTS, RecordedArm.positions(at));
        arm.image(RecordedArm.stamp(at), "rgb8", 3, RecordedArm.pixels(at, 8));
        if (t < 4) {
          arm.command(t, RecordedArm.stamp(at), Command.POLICY);
        }
      }
    }
    Episode episode = Episode.read(arm.bag());
    assertEquals(List.of(2, 1), sizes(episode));
    assertTrue(episode.gaps().getFirst().reason().contains("0.600 s later"));
  }

  @Test
  void verifyTellsWhatCannotBeUsedAndThatTheBagIsWell() throws Exception {
    Path bag = episode(t -> t == 5, t -> false, t -> false, Set.of());
    assertEquals(List.of(), Rollouts.verify(bag));
    String said = run(0, "verify", bag);
    assertTrue(said.contains(bag + ": usable 10 of 12 steps: ticks 4 to 5: "), said);
    assertTrue(said.contains("1 of 1 episodes are whole"), said);
    String shown = run(0, "show", bag);
    assertTrue(shown.contains("ticks 4 to 5"), shown);
    assertTrue(run(0, "verify", bag, "--image-tolerance", "0.1").startsWith("1 of 1"));
    assertTrue(run(1, "verify", bag, "--image-tolerance", "-1").contains("give seconds"));
    Files.writeString(bag.resolve("metadata.yaml"), "rosbag2_bagfile_information:\n");
    assertTrue(run(1, "verify", bag).contains("metadata.yaml does not say"));
  }

  @Test
  void aBagOfWhichNothingCanBeUsedIsWellAllTheSame() {
    Path bag = episode(t -> t > 0, t -> false, t -> false, Set.of());
    Refusal.of(UnusableEpisodeException.class, () -> Episode.read(bag), "no step", "tick");
    assertTrue(run(0, "verify", bag).contains("usable 0 of 12 steps"));
  }

  @Test
  void aWiderToleranceTakesTheNextImage() {
    Path bag = episode(t -> t == 5, t -> false, t -> false, Set.of());
    Alignment wide = new Alignment(Duration.ofMillis(20), Duration.ofMillis(100));
    assertEquals(List.of(STEPS), sizes(Episode.read(bag, wide)));
  }

  @Test
  void aFileStandsForItsFolderAndSeveralRecordingsForThemselves() throws Exception {
    Path bag = RecordedArm.episode(folder, "one", 3);
    Path file = bag.resolve("one_0.mcap");
    assertEquals(List.of(bag), Rollouts.bags(file));
    assertTrue(run(0, "verify", file).contains("1 of 1"));
    Files.delete(bag.resolve("metadata.yaml"));
    assertTrue(run(0, "verify", bag).contains("metadata.yaml is missing"));
    assertTrue(run(0, "show", file).contains("/camera/image_raw"));
    Path lone = Files.createDirectories(folder.resolve("lone"));
    Path two = RecordedArm.episode(folder, "two", 3).resolve("two_0.mcap");
    Files.move(file, lone.resolve("one.mcap"));
    Files.move(two, lone.resolve("two.mcap"));
    assertEquals(List.of(lone.resolve("one.mcap"), lone.resolve("two.mcap")), Rollouts.bags(lone));
    assertTrue(run(0, "verify", lone).contains("2 of 2"));
    assertEquals(3, Episode.read(lone.resolve("two.mcap")).steps().size());
    Rollouts.label(lone.resolve("two.mcap"), EpisodeOutcome.Kind.FAILURE, "ada", "");
    assertTrue(run(0, "list", lone).contains("1 success, 1 failure"));
  }

  private static String run(int code, Object... args) {
    StringWriter out = new StringWriter();
    CommandLine commandLine =
        RolloutsCommand.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(out, true));
    String[] texts = Arrays.stream(args).map(String::valueOf).toArray(String[]::new);
    assertEquals(code, commandLine.execute(texts), out.toString());
    return out.toString();
  }
}
