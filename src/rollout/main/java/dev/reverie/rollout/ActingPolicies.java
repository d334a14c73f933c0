package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Tells which policies acted in a recorded episode: several, where one was swapped in meanwhile.
 *
 * @param bundle folder of the bundle that the recorder began with, as it was called there; empty
 *     where the bag does not tell
 * @param acted in the order of the chunks
 */
public record ActingPolicies(String bundle, List<Acted> acted) {
  /**
   * A chunk of actions, and whose it is.
   *
   * @param policyId SHA-256 of the policy bundle; empty where a person acted
   * @param chunk index in the episode
   * @param stampNanos of the tick at which it began
   */
  public record Acted(String policyId, long chunk, long stampNanos) {}

  /** Copies the list. */
  public ActingPolicies {
    acted = List.copyOf(acted);
  }

  /**
   * Reads the bag of an episode.
   *
   * @throws EpisodeException where it is damaged or none of ours
   */
  public static ActingPolicies read(Path bag) {
    EpisodeReader reader = EpisodeReader.open(bag, Alignment.DEFAULT);
    List<Acted> acted =
        reader.readWithoutPictures().chunks().stream().map(ActingPolicies::acted).toList();
    return new ActingPolicies(RecordedConfiguration.of(reader.configuration()).bundle(), acted);
  }

  private static Acted acted(ActionChunk chunk) {
    return new Acted(
        chunk.policyId(),
        Integer.toUnsignedLong(chunk.index()),
        Stamps.nanos(chunk.header().stamp()));
  }

  /** The ids of the policies, in the order in which they acted first. */
  public List<String> ids() {
    return acted.stream().map(Acted::policyId).filter(id -> !id.isEmpty()).distinct().toList();
  }

  /** The chunk with an index; empty where there is none. */
  public Optional<Acted> ofChunk(long index) {
    return acted.stream().filter(each -> each.chunk == index).findFirst();
  }

  /** The chunk that was carried out at a time; empty where none had begun. */
  public Optional<Acted> at(long stampNanos) {
    return acted.stream().filter(each -> each.stampNanos - stampNanos <= 0).reduce((_, b) -> b);
  }
}
