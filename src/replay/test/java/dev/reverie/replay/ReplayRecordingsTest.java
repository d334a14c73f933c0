package dev.reverie.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Outcome;
import dev.reverie.msgs.sensor_msgs.Image;
import dev.reverie.msgs.std_msgs.Header;
import dev.reverie.replay.RecordedEpisodes.Copy;
import dev.reverie.robot.TestBundles;
import dev.reverie.testing.Prepared;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recordings as other arms make them. */
@Prepared
class ReplayRecordingsTest {
  @TempDir Path folder;

  private Path bundle;
  private Path bag;

  @BeforeEach
  void record() throws Exception {
    bundle = folder.resolve("bundle");
    TestBundles.seeing(TestBundles.spec(), 3).save(bundle);
    bag = RecordedEpisodes.lockStep(bundle, folder.resolve("made"), Outcome.FAILURE).getFirst();
  }

  @Test
  void compressedPicturesAreReplayedAsTheyAre() throws Exception {
    Path compressed = spoilt("compressed", RecordedEpisodes::compressed);
    requireTheSameAgain(
        ReplayTest.replay(0, folder, "png", compressed, "--policy", bundle, "--as-recorded"));
  }

  @Test
  void aCameraThatIsNotInStepWithTheJointsIsReplayedInLockStep() throws Exception {
    Path late = spoilt("late", copy -> copy.with(Image.TYPE, i -> i.withHeader(later(i.header()))));
    requireTheSameAgain(
        ReplayTest.replay(0, folder, "late", late, "--policy", bundle, "--as-recorded"));
  }

  @Test
  void bagsOfOneTimeAreEachReplayedFromTheirBeginning() throws Exception {
    Path again = spoilt("again", UnaryOperator.identity());
    JsonNode result =
        ReplayTest.replay(0, folder, "both", again, bag, "--policy", bundle, "--as-recorded");
    assertEquals(20, result.at("/counts/answered").asInt());
    assertEquals(0, error(result));
  }

  @Test
  void aPictureThatCannotBeUsedHoldsTheArmAndIsToldWithItsReason() throws Exception {
    int[] pictures = {0};
    Path odd =
        spoilt(
            "odd",
            copy -> copy.with(Image.TYPE, i -> ++pictures[0] == 6 ? i.withEncoding("16UC1") : i));
    JsonNode result = ReplayTest.replay(0, folder, "odd", odd, "--policy", bundle);
    assertEquals(
        0.1, ReplayTest.measure(result, "limits.held_still").at("/policy/value").asDouble(), 1e-9);
    assertTrue(
        result.at("/notes").toString().contains("held still"), result.at("/notes")::toString);
    assertTrue(result.at("/notes").toString().contains("16UC1"), result.at("/notes")::toString);
  }

  @Test
  void whatSeveralChunksAgreedOnIsRecordedAsItWasCarriedOut() throws Exception {
    Path averaged =
        RecordedEpisodes.realTime(bundle, folder.resolve("averaged"), 12, "ensemble:=0.1");
    var recorded = RecordedBag.open(averaged, TestBundles.spec(), BagOptions.NONE);
    List<ExecutedChunk> chunks = ExecutedChunk.of(recorded.episode(), TestBundles.HORIZON);
    assertTrue(chunks.stream().filter(ExecutedChunk::mixed).count() >= 5, chunks.toString());
    assertEquals(Optional.empty(), RecordedSpace.difference(recorded, TestBundles.spec()));
    assertEquals(Optional.empty(), Likelihood.otherBins(chunks, TestBundles.BINS));
    JsonNode result = ReplayTest.replay(0, folder, "averaged", averaged, "--policy", bundle);
    assertTrue(
        ReplayTest.measure(result, "action_error.mean_absolute").at("/policy/value").isNumber(),
        result::toString);
  }

  @Test
  void whatGoesOnUntilAChunkTakesOverIsKnownToWhoAsksThePolicyAgain() throws Exception {
    Path slow = folder.resolve("slow-bundle");
    TestBundles.thinking(TestBundles.spec(), 3, 0.1, 0).save(slow);
    Path recorded = RecordedEpisodes.realTime(slow, folder.resolve("slow"), 24);
    var episode = RecordedBag.open(recorded, TestBundles.spec(), BagOptions.NONE).episode();
    List<ExecutedChunk> chunks = ExecutedChunk.of(episode, TestBundles.HORIZON);
    for (ExecutedChunk chunk : chunks) {
      assertEquals(2 * chunk.places().getFirst(), chunk.ahead().length, chunk.toString());
      for (int i = 0; i < chunk.ahead().length; i++) {
        assertEquals(i % 2 == 0 ? 0.1f : 0, chunk.ahead()[i], 1e-6f);
      }
    }
    assertTrue(chunks.stream().anyMatch(chunk -> chunk.ahead().length > 0), chunks.toString());
  }

  @Test
  void aRecordingWhoseClockIsNotThatOfItsStampsIsReplayedInLockStepOnly() throws Exception {
    JsonNode refused =
        ReplayTest.replay(1, folder, "speed", bag, "--policy", bundle, "--recorded-speed");
    String reason = refused.at("/refused/0/reason").asText();
    assertTrue(reason.contains("later than the stamps") && reason.contains("lock-step"), reason);
  }

  private Path spoilt(String id, UnaryOperator<Copy> change) {
    return RecordedEpisodes.spoilt(bag, folder.resolve("all"), id, change.andThen(Optional::of));
  }

  private static Header later(Header header) {
    return header.withStamp(Stamps.time(Stamps.nanos(header.stamp()) + 7_000_000L));
  }

  private static void requireTheSameAgain(JsonNode result) {
    assertEquals(10, result.at("/counts/answered").asInt());
    assertEquals(10, result.at("/counts/observations").asInt());
    assertEquals(0, error(result));
  }

  private static double error(JsonNode result) {
    return ReplayTest.measure(result, "action_error.mean_absolute").at("/policy/value").asDouble(1);
  }
}
