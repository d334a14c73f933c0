package dev.reverie.rollout;

import dev.reverie.mcap.McapException;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.sensor_msgs.JointState;
import dev.reverie.msgs.std_msgs.Header;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * Writes the bag of an episode that did not come over the wire, as the robot node would have
 * recorded it. The calls come in the order in which things happened: {@link #begin}, then an
 * observation and what was done about it, again and again, then one more observation and {@link
 * #end}. For one thread.
 */
public final class EpisodeWriter implements AutoCloseable {
  private final RolloutWriter writer;
  private final EpisodeHead head;
  private int ticks;
  private int chunks;
  private int horizon;
  private int nextAction;

  private EpisodeWriter(RolloutWriter writer, EpisodeHead head) {
    this.writer = writer;
    this.head = head;
  }

  /**
   * Creates the bag, which must not exist yet, and says in it that the episode begins.
   *
   * @param rollouts folder that the bag goes into
   * @param configuration JSON of what the episode comes from; may be empty
   */
  public static EpisodeWriter begin(
      Path rollouts, EpisodeHead head, long stampNanos, String configuration) {
    EpisodeWriter episode = new EpisodeWriter(RolloutWriter.open(rollouts, head.id()), head);
    try {
      episode.write(RolloutTopic.EPISODE, stampNanos, head.begun(stampNanos, configuration));
      return episode;
    } catch (McapException e) {
      episode.close();
      throw e;
    }
  }

  /** The bag's folder. */
  public Path bag() {
    return writer.bag();
  }

  /**
   * Writes what the sensors said at one instant.
   *
   * @param positionsRad of the joints of the head
   * @param images by camera name
   */
  public void observe(long stampNanos, double[] positionsRad, Map<String, CameraImage> images) {
    Header header = new Header(Stamps.time(stampNanos), "");
    JointState state =
        new JointState().withHeader(header).withName(head.joints()).withPosition(positionsRad);
    write(RolloutTopic.JOINT_STATES, stampNanos, state);
    images.forEach(
        (camera, image) ->
            write(
                RolloutTopic.images(camera),
                stampNanos,
                image.message(new Header(Stamps.time(stampNanos), camera))));
  }

  /**
   * Writes the actions that were decided on at the newest observation; {@link #step} carries them
   * out, one after the other.
   *
   * @param horizon K
   * @param actions [K, D], in [-1, 1]
   */
  public void chunk(long stampNanos, int horizon, float... actions) {
    write(
        RolloutTopic.ACTION_CHUNK,
        stampNanos,
        head.chunk(stampNanos, chunks++, head.source(), horizon, actions));
    this.horizon = horizon;
    nextAction = 0;
  }

  /**
   * Writes that the next action of the newest chunk was carried out.
   *
   * @param stampNanos of the observation that is answered
   * @param measuredRad positions of the joints at the observation
   * @param sentRad where the joints were sent
   */
  public void step(long stampNanos, double[] measuredRad, double[] sentRad) {
    if (nextAction >= horizon) {
      throw new IllegalStateException(
          "all %d actions of chunk %d are carried out; write the next chunk first"
              .formatted(horizon, chunks - 1));
    }
    command(stampNanos, head.source(), measuredRad, sentRad);
    nextAction++;
  }

  /** Writes that the arm was held still; as {@link #step}, but no action is carried out. */
  public void hold(long stampNanos, double[] measuredRad, double[] sentRad) {
    command(stampNanos, Command.HOLD, measuredRad, sentRad);
  }

  private void command(long stampNanos, String source, double[] measuredRad, double[] sentRad) {
    write(
        RolloutTopic.COMMAND,
        stampNanos,
        head.command(
            stampNanos,
            ticks++,
            Math.max(0, chunks - 1),
            nextAction,
            source,
            measuredRad,
            sentRad));
  }

  /** Writes how the episode went. */
  public void end(EpisodeOutcome outcome, long stampNanos) {
    write(
        RolloutTopic.EPISODE, stampNanos, head.told(Episode.ENDED, stampNanos, outcome.message()));
  }

  /** Writes any other message. */
  public <T> void write(RolloutTopic<T> topic, long logNanos, T message) {
    MemorySegment cdr = MemorySegment.ofArray(topic.type().encode(message));
    writer.write(topic.inBag(), logNanos, logNanos, cdr);
  }

  /**
   * Writes any other message as it came.
   *
   * @param cdr with its encapsulation
   */
  public void write(RolloutTopic<?> topic, long logNanos, byte[] cdr) {
    writer.write(topic.inBag(), logNanos, logNanos, MemorySegment.ofArray(cdr));
  }

  /** Finishes the bag and forces it to disk. */
  @Override
  public void close() {
    writer.close();
  }
}
