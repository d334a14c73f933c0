package dev.reverie.rollout;

import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
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
 * @param pieces steps that follow each other; several where something between them is not in the
 *     bag; at least one
 * @param alone what was done between two gaps, about what was seen: neither what came before it nor
 *     what it did is known, so that it is part of no piece
 * @param gaps commands before the outcome that are no steps, in their order
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
    List<Piece> pieces,
    List<Step> alone,
    List<Gap> gaps,
    List<ActionChunk> chunks) {
  /** Copies the lists. */
  public Episode {
    cameras = List.copyOf(cameras);
    jointNames = List.copyOf(jointNames);
    pieces = List.copyOf(pieces);
    alone = List.copyOf(alone);
    gaps = List.copyOf(gaps);
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

  /** The steps of all pieces: one for each command whose observation and result are known. */
  public List<Step> steps() {
    return pieces.size() == 1
        ? pieces.getFirst().steps()
        : pieces.stream().flatMap(piece -> piece.steps().stream()).toList();
  }

  /** The observation after the last step. */
  public RecordedObservation last() {
    return pieces.getLast().last();
  }

  /**
   * Returns whether a chunk of the policy is an action that several of its chunks agreed on: it saw
   * no observation itself.
   */
  public static boolean isMixed(ActionChunk chunk) {
    return chunk.observationStamps().isEmpty();
  }

  /**
   * Id of the policy that acted, which need not be the one that the episode began with: empty where
   * a person did, or took over, and where another one was swapped in that one's.
   */
  public String actor() {
    boolean person =
        steps().stream()
            .anyMatch(step -> !step.held() && step.command().source().equals(Command.TELEOP));
    return person
        ? ""
        : chunks.stream()
            .map(ActionChunk::policyId)
            .filter(id -> !id.isEmpty() && !id.equals(policyId))
            .findFirst()
            .orElse(policyId);
  }

  /** Returns whether the last piece goes on to the end of the episode. */
  public boolean endSeen() {
    return gaps.isEmpty()
        || gaps.getLast().tick() < pieces.getLast().steps().getLast().command().tick();
  }

  /** Number of the commands before the outcome that could be steps. */
  public int commands() {
    return steps().size() + gaps.stream().mapToInt(Gap::commands).sum();
  }

  /**
   * The observation before step {@code t} of all pieces.
   *
   * @param t 0 to the number of steps
   */
  public RecordedObservation observation(int t) {
    List<Step> steps = steps();
    return t == steps.size() ? last() : steps.get(t).observation();
  }
}
