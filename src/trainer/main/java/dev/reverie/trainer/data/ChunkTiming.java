package dev.reverie.trainer.data;

import dev.reverie.msgs.Stamps;
import dev.reverie.msgs.reverie.ActionChunk;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.Step;
import dev.reverie.trainer.nn.TrainerException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * When a policy's chunks were carried out in recorded episodes, and how far.
 *
 * @param bags of the episodes
 * @param carriedOut actions of each chunk of each episode but the last; none where several chunks
 *     were mixed
 */
public record ChunkTiming(List<Path> bags, List<int[]> carriedOut) {
  /** Episodes that are looked at where a few tell enough. */
  private static final int SOME = 16;

  /**
   * Steps from what a policy saw to the first action that was carried out of its chunk, be it what
   * several chunks agreed on, as it was in most chunks after the first of an episode.
   */
  public int delay() {
    return delay(bags)
        .orElseThrow(
            () ->
                new TrainerException(
                    "no rollout has a second chunk of the policy, so its delay cannot be measured;"
                        + " set imagination.delay"));
  }

  /** The same of a few episodes, which takes no time; empty where these do not tell. */
  public OptionalInt delayOfSome() {
    return delay(bags.subList(0, Math.min(SOME, bags.size())));
  }

  /** Actions that were carried out of most chunks; empty where there is no other than the last. */
  public OptionalInt executed() {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (int[] ofEpisode : carriedOut) {
      IntStream.of(ofEpisode).forEach(actions -> counts.merge(actions, 1, Integer::sum));
    }
    return most(counts);
  }

  private static OptionalInt delay(List<Path> bags) {
    Map<Integer, Integer> counts = new TreeMap<>();
    for (Path bag : bags) {
      delays(EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures())
          .forEach(delay -> counts.merge(delay, 1, Integer::sum));
    }
    return most(counts);
  }

  private static OptionalInt most(Map<Integer, Integer> counts) {
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(most -> OptionalInt.of(most.getKey()))
        .orElse(OptionalInt.empty());
  }

  /** The delay of each chunk of an episode after the first. */
  private static List<Integer> delays(Episode episode) {
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
    return delays;
  }

  /** Number of the actions that were carried out since the observation that a chunk saw. */
  private static int since(ActionChunk chunk, List<Long> executed) {
    long seen = Stamps.nanos(chunk.header().stamp());
    return (int) executed.stream().filter(stamp -> stamp >= seen).count();
  }
}
