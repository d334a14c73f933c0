package dev.reverie.trainer.data;

import dev.reverie.mcap.McapException;
import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Step;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Times at which a policy's chunks were carried out in recorded episodes, and how far; an array an
 * episode.
 *
 * @param carriedOut as {@link #carriedOut(Episode)}
 * @param delays as {@link #delays(Episode)}
 */
public record ChunkTiming(List<int[]> carriedOut, List<int[]> delays) {
  /**
   * Returns that of recorded episodes, without decoding a picture; what cannot be read is left out.
   *
   * @param most bags that are read, at even distances, where there are more
   */
  public static ChunkTiming of(List<Path> bags, int most) {
    int read = Math.min(bags.size(), most);
    List<Episode> episodes =
        IntStream.range(0, read)
            .mapToObj(i -> bags.get((int) ((long) bags.size() * i / read)))
            .flatMap(bag -> read(bag).stream())
            .toList();
    return new ChunkTiming(
        episodes.stream().map(ChunkTiming::carriedOut).toList(),
        episodes.stream().map(ChunkTiming::delays).toList());
  }

  private static Optional<Episode> read(Path bag) {
    try {
      return Optional.of(EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures());
    } catch (EpisodeException | McapException | IllegalArgumentException | UncheckedIOException e) {
      return Optional.empty(); // a run skips it by name
    }
  }

  /** Actions that were carried out of most chunks; empty where the episodes do not tell. */
  public OptionalInt executed() {
    return most(carriedOut);
  }

  /** The delay of most chunks, in steps; empty where no episode has a second chunk. */
  public OptionalInt delay() {
    return most(delays);
  }

  private static OptionalInt most(List<int[]> values) {
    Map<Integer, Integer> counts = new TreeMap<>();
    values.stream()
        .flatMapToInt(IntStream::of)
        .forEach(each -> counts.merge(each, 1, Integer::sum));
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> OptionalInt.of(most.getKey()))
        .orElse(OptionalInt.empty());
  }

  /**
   * Returns how many actions were carried out of each of the policy's chunks, the last one left
   * out; none where several chunks were mixed.
   */
  static int[] carriedOut(Episode episode) {
    if (episode.chunks().stream().anyMatch(Episode::isMixed)) {
      return new int[0];
    }
    NavigableMap<Integer, Integer> ofChunk = new TreeMap<>();
    episode.steps().stream()
        .filter(step -> !step.held() && step.command().source().equals(Command.POLICY))
        .forEach(step -> ofChunk.merge(step.command().chunk(), 1, Integer::sum));
    ofChunk.pollLastEntry();
    return ofChunk.values().stream().mapToInt(count -> count).toArray();
  }

  /**
   * Steps from what the policy saw to the first action that was carried out of its chunk, be it
   * what several chunks agreed on, of each chunk after the first.
   */
  static int[] delays(Episode episode) {
    NavigableMap<Integer, ActionChunk> given = new TreeMap<>(); // what is mixed saw nothing
    episode.chunks().stream()
        .filter(chunk -> !Episode.isMixed(chunk))
        .forEach(chunk -> given.put(chunk.index(), chunk));
    List<Integer> delays = new ArrayList<>();
    List<Long> executed = new ArrayList<>(); // stamps of what was carried out so far
    int chunk = -1;
    for (Step step : episode.steps().stream().filter(taken -> !taken.held()).toList()) {
      int said = step.command().chunk();
      Map.Entry<Integer, ActionChunk> newest = given.floorEntry(said);
      int from = newest == null ? said : newest.getKey();
      if (from != chunk && chunk >= 0) {
        delays.add(
            newest == null || from == said
                ? step.command().action()
                : since(newest.getValue(), executed));
      }
      chunk = from;
      executed.add(step.stampNanos());
    }
    return delays.stream().mapToInt(delay -> delay).toArray();
  }

  /** Number of the actions that were carried out since the observation that a chunk saw. */
  private static int since(ActionChunk chunk, List<Long> executed) {
    long seen = Stamps.nanos(chunk.header().stamp());
    return (int) executed.stream().filter(stamp -> stamp >= seen).count();
  }
}
