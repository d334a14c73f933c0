package dev.reverie.rollout;

import dev.reverie.msgs.reverie.ActionChunk;
import java.nio.file.Path;
import java.util.List;

/**
 * An episode as it was recorded, from its beginning to its outcome; what came later does not count.
 *
 * @param id of the episode, also the name of its folder
 * @param bag its folder
 * @param source {@code POLICY} or {@code TELEOP} of {@link dev.reverie.msgs.reverie.Command}
 * @param policyId SHA-256 of the policy bundle it began with; empty for teleop
 * @param temperature at which tokens were drawn, 0: greedy
 * @param seed of the tokens drawn
 * @param outcome the last one that the bag tells
 * @param cameras names of the cameras, sorted
 * @param jointNames of the joints that were commanded, in the order of the commands
 * @param steps one for each command before the outcome whose result was observed
 * @param last the observation after the last step
 * @param chunks as the policy or the person gave them, in the order of their index
 */
public record Episode(
    String id,
    Path bag,
    String instruction,
    String source,
    String policyId,
    float temperature,
    long seed,
    EpisodeOutcome outcome,
    List<String> cameras,
    List<String> jointNames,
    List<Step> steps,
    RecordedObservation last,
    List<ActionChunk> chunks) {
  /** Copies the lists. */
  public Episode {
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
    steps = List.copyOf(steps);
    chunks = List.copyOf(chunks);
  }

  /**
   * Reads the bag of one episode.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  public static Episode read(Path bag) {
    return read(bag, Alignment.DEFAULT);
  }

  /**
   * Reads the bag of one episode.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  public static Episode read(Path bag, Alignment alignment) {
    return read(bag, alignment, PictureDecoder.NONE);
  }

  /**
   * Reads the bag of one episode whose pictures may be compressed.
   *
   * @throws EpisodeException where the bag is damaged, is none of ours or lacks something
   */
  public static Episode read(Path bag, Alignment alignment, PictureDecoder decoder) {
    return EpisodeReader.open(bag, alignment, decoder).read();
  }

  /**
   * The observation before step {@code t}.
   *
   * @param t 0 to the number of steps
   */
  public RecordedObservation observation(int t) {
    return t == steps.size() ? last : steps.get(t).observation();
  }
}
