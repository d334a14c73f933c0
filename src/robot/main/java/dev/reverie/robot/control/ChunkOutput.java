package dev.reverie.robot.control;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.builtin_interfaces.Time;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.policy.Sample;
import dev.reverie.rcljava.Node;
import dev.reverie.robot.record.Output;
import dev.reverie.robot.record.Recorder;
import dev.reverie.robot.sense.CameraFrame;
import dev.reverie.robot.sense.SensorSnapshot;
import dev.reverie.rollout.EpisodeHead;
import dev.reverie.rollout.RolloutTopic;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Says which action chunks there are in an episode: published, and recorded as published. */
final class ChunkOutput {
  private final Output<ActionChunk> chunks;
  private final Supplier<EpisodeHead> head;

  /**
   * Creates the publisher.
   *
   * @param head of the episode that goes on
   */
  ChunkOutput(Node node, Recorder recorder, Supplier<EpisodeHead> head) {
    chunks = new Output<>(node, RolloutTopic.ACTION_CHUNK, recorder, false);
    this.head = head;
  }

  /**
   * Time from the arrival of the last input to a chunk.
   *
   * @param nanos inference excluded
   * @param inferenceNanos of the policy alone
   */
  record Latency(long nanos, long inferenceNanos) {}

  /** Says which chunk the policy gave. */
  void ofPolicy(
      Chunk chunk, String policyId, SensorSnapshot sensed, Sample sample, Latency latency) {
    chunks.send(
        chunk(chunk, sensed)
            .withPolicyId(policyId)
            .withTokens(sample.tokens())
            .withLogProbabilities(sample.logProbabilities())
            .withLatency(Stamps.duration(latency.nanos()))
            .withInference(Stamps.duration(latency.inferenceNanos())));
  }

  /** Says what a person commanded, as the action that would have led there. */
  void ofPerson(Chunk chunk, SensorSnapshot sensed, TeleopCommand command) {
    long last = Math.max(sensed.arrivalNanos(), command.arrivalNanos());
    chunks.send(chunk(chunk, sensed).withLatency(Stamps.duration(System.nanoTime() - last)));
  }

  /** Says what several chunks of the policy agreed on: it has no tokens, and saw nothing itself. */
  void mixed(Chunk chunk, String policyId, long stampNanos) {
    chunks.send(
        head.get()
            .chunk(stampNanos, chunk.index(), chunk.source(), chunk.horizon(), chunk.actions())
            .withPolicyId(policyId)
            .withObservationStamps(List.of()));
  }

  private ActionChunk chunk(Chunk chunk, SensorSnapshot sensed) {
    List<Time> stamps =
        LongStream.concat(
                LongStream.of(sensed.stampNanos()),
                sensed.frames().stream().mapToLong(CameraFrame::stampNanos))
            .mapToObj(Stamps::time)
            .toList();
    return head.get()
        .chunk(sensed.stampNanos(), chunk.index(), chunk.source(), chunk.horizon(), chunk.actions())
        .withObservationStamps(stamps);
  }
}
