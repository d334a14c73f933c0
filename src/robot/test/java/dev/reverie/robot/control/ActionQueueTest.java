package dev.reverie.robot.control;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.msgs.reverie.Command;
import dev.reverie.robot.setup.Seam;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class ActionQueueTest {
  private static final IntToDoubleFunction STRAIGHT = _ -> Double.POSITIVE_INFINITY;
  private final ActionQueue queue = new ActionQueue(new Seam.Switch(), STRAIGHT);

  private static Chunk chunk(int index, long first) {
    return chunk(index, first, 0);
  }

  private static Chunk chunk(int index, long first, float value) {
    float[] actions = new float[8];
    Arrays.fill(actions, value);
    return new Chunk(index, Command.POLICY, first, actions, 4);
  }

  private Optional<String> at(long executed) {
    return queue.at(executed).map(a -> a.chunk().index() + ":" + a.k());
  }

  private static float[] values(ActionQueue queue, long executed) {
    return queue.at(executed).orElseThrow().values();
  }

  @Test
  void aChunkPlaysFromTheActionBehindThoseThatWereExecutedBeforeItsObservation() {
    queue.add(chunk(0, 7), 7);
    for (int k = 0; k < 4; k++) {
      assertEquals(4 - k, queue.remaining(7 + k));
      assertEquals(Optional.of("0:" + k), at(7 + k));
    }
    assertTrue(at(11).isEmpty());
  }

  @Test
  void ofAChunkNoMoreIsPlayedThanIsToBe() {
    queue.add(new Chunk(0, Command.POLICY, 0, new float[8], 4, 0, 3), 0);
    assertEquals(3, queue.remaining(0));
    assertEquals(Optional.of("0:2"), at(2));
    assertTrue(at(3).isEmpty());
    queue.add(chunk(1, 3), 3);
    assertEquals(Optional.of("1:0"), at(3));
  }

  @Test
  void whatAPolicyWasToldOfIsNeverPlayedFromItsOwnChunk() {
    queue.add(chunk(0, 0), 0);
    queue.add(new Chunk(1, Command.POLICY, 2, new float[8], 4, 2, 4), 3); // told of 0:2 and 0:3
    assertEquals(Optional.of("0:3"), at(3));
    assertEquals(Optional.of("1:2"), at(4));
    queue.clear();
    queue.add(new Chunk(2, Command.POLICY, 2, new float[8], 4, 2, 4), 3);
    assertTrue(at(3).isEmpty(), "what it was told of was dropped: nothing is known");
    queue.add(chunk(3, 3), 3);
    assertEquals(Optional.of("3:0"), at(3));
    assertEquals(Optional.of("3:1"), at(4), "the one that was told otherwise is gone");
  }

  @Test
  void whereTheNextChunkIsLateTheOneBeforeGoesOnAsFarAsItKnows() {
    queue.add(new Chunk(0, Command.POLICY, 0, new float[8], 4, 0, 2), 0);
    assertTrue(at(2).isEmpty());
    assertEquals(3, queue.beyond(3).orElseThrow().k());
    assertTrue(queue.beyond(4).isEmpty());
    queue.add(chunk(1, 1), 3);
    assertEquals(Optional.of("1:2"), at(3));
    queue.clear();
    assertTrue(queue.beyond(3).isEmpty());
  }

  @Test
  void aChunkIsExpectedToTakeAsLongAsTheSlowestOfTheLast() {
    var delays = new Delays();
    assertEquals(7, delays.expectedNanos("a", 7), "as when it was warmed up");
    delays.add("a", 30);
    delays.add("a", 20);
    assertEquals(30, delays.expectedNanos("a", 7));
    for (int i = 0; i < 8; i++) {
      delays.add("a", 20);
    }
    assertEquals(20, delays.expectedNanos("a", 7));
    assertEquals(5, delays.expectedNanos("b", 5), "another policy has delays of its own");
  }

  @Test
  void aSlowPolicyIsAskedAhead() {
    assertEquals(0, ChunkSource.lead(0.02), "in time for its first action");
    assertEquals(1, ChunkSource.lead(0.4));
    assertEquals(3, ChunkSource.lead(2.1));
  }

  @Test
  void aChunkThatWasAskedForEarlyFollowsTheOneThatPlays() {
    queue.add(chunk(0, 0), 0);
    queue.add(chunk(1, 2), 2); // saw the observation after two actions
    assertEquals(Optional.of("0:2"), at(2));
    assertEquals(Optional.of("0:3"), at(3));
    assertEquals(Optional.of("1:2"), at(4)); // its first two were executed by the other's
    assertEquals(2, queue.remaining(4));
  }

  @Test
  void whileTheArmIsHeldNoActionIsPassedOver() {
    queue.add(chunk(0, 0), 0); // came long after its observation, and nothing was executed since
    assertEquals(Optional.of("0:0"), at(0));
  }

  @Test
  void aChunkThatCameTooLateIsNotPlayed() {
    queue.add(chunk(0, 0), 5);
    assertEquals(0, queue.remaining(5));
    assertTrue(at(5).isEmpty());
  }

  @Test
  void aClearedQueueIsEmpty() {
    queue.add(chunk(0, 0), 0);
    queue.add(chunk(1, 4), 1);
    queue.clear();
    assertEquals(0, queue.remaining(1));
    assertTrue(at(1).isEmpty());
  }

  @Test
  void blendedChunksGoOverLinearly() {
    var blending = new ActionQueue(new Seam.Blend(2), STRAIGHT);
    blending.add(chunk(0, 0, 0), 0);
    blending.add(chunk(1, 1, 0.9f), 1);
    assertArrayEquals(new float[] {0.3f, 0.3f}, values(blending, 1), 1e-6f);
    assertArrayEquals(new float[] {0.6f, 0.6f}, values(blending, 2), 1e-6f);
    assertArrayEquals(new float[] {0.9f, 0.9f}, values(blending, 3), 1e-6f);
    assertEquals(1, blending.at(1).orElseThrow().chunk().index());
    assertEquals(3, new Seam.Blend(9).early(4), "no earlier than its horizon");
  }

  @Test
  void anEnsembleWeighsTheOldestMost() {
    var ensemble = new ActionQueue(new Seam.Ensemble(Math.log(3)), STRAIGHT);
    ensemble.add(chunk(0, 0, 0), 0);
    ensemble.add(chunk(1, 1, 0.4f), 1);
    assertArrayEquals(new float[] {0, 0}, values(ensemble, 0));
    assertArrayEquals(new float[] {0.1f, 0.1f}, values(ensemble, 1), 1e-6f); // 3 to 1
    assertArrayEquals(new float[] {0.4f, 0.4f}, values(ensemble, 4), 1e-6f);
    assertEquals(3, new Seam.Ensemble(0).early(4));
  }

  @Test
  void whatSeveralChunksAgreeOnOfAContinuousJointLiesTheShortWayRound() {
    for (Seam seam : List.of(new Seam.Blend(1), new Seam.Ensemble(0))) {
      var turning = new ActionQueue(seam, _ -> 2); // [-1, 1] is a full turn
      turning.add(chunk(0, 0, 0.9f), 0);
      turning.add(chunk(1, 1, -0.98f), 1);
      assertEquals(0.96f, values(turning, 1)[0], 1e-6f, seam.toString());
      turning.clear();
      turning.add(chunk(2, 4, -0.9f), 4);
      turning.add(chunk(3, 5, 0.86f), 5);
      assertEquals(0.98f, values(turning, 5)[0], 1e-6f, seam.toString());
    }
  }
}
