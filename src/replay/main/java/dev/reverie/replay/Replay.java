package dev.reverie.replay;

import dev.reverie.arm.ArmException;
import dev.reverie.policy.BundleException;
import dev.reverie.policy.PolicyOutput;
import dev.reverie.rcljava.RclException;
import dev.reverie.replay.EpisodeMeasures.Column;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.EpisodeException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** Gives recorded episodes to one policy or two, bag by bag, and puts together what they did. */
final class Replay implements AutoCloseable {
  /** Gets a policy's answers to a bag. */
  interface Player {
    ReplayedEpisode play(ReplayedPolicy policy, RecordedBag bag);
  }

  private final ReplayedPolicy policy;
  private final Optional<ReplayedPolicy> against;
  private final Player player;
  private final boolean everyObservation;
  private final BagOptions options;
  private final List<EpisodeMeasures> episodes = new ArrayList<>();
  private final List<ReplayResult.Refused> refused = new ArrayList<>();
  private final Map<String, Path> seen = new HashMap<>(); // bag, by the episode's id

  /**
   * Prepares a replay; {@link #run} does the work.
   *
   * @param everyObservation whether a bag counts only where every observation was answered
   */
  Replay(
      ReplayedPolicy policy,
      Optional<ReplayedPolicy> against,
      Player player,
      boolean everyObservation,
      BagOptions options) {
    this.policy = policy;
    this.against = against;
    this.player = player;
    this.everyObservation = everyObservation;
    this.options = options;
  }

  /**
   * Replays bags; one that cannot be is refused by name.
   *
   * @param progress told how many of how many are done
   */
  void run(List<Path> bags, BiConsumer<Integer, Integer> progress) {
    for (int i = 0; i < bags.size(); i++) {
      Path bag = bags.get(i);
      try {
        episodes.add(replay(bag));
      } catch (ReplayException
          | RobotException
          | ArmException
          | EpisodeException
          | BundleException
          | RclException
          | IllegalArgumentException
          | UncheckedIOException e) {
        refuse(bag, Objects.requireNonNullElse(e.getMessage(), e.toString()));
      }
      progress.accept(i + 1, bags.size());
    }
  }

  void refuse(Path bag, String reason) {
    refused.add(new ReplayResult.Refused(bag.toString(), reason));
  }

  List<EpisodeMeasures> episodes() {
    return episodes;
  }

  private EpisodeMeasures replay(Path path) {
    RecordedBag bag = RecordedBag.open(path, policy.spec(), options);
    Path other = seen.putIfAbsent(bag.episode().id(), path);
    if (other != null) {
      throw new ReplayException("it is the same episode as " + other + "; remove the copy");
    }
    ReplayedEpisode mine = player.play(policy, bag);
    int answered = Comparison.answered(bag.episode(), mine);
    requireAnswers(bag, mine, answered);
    List<ExecutedChunk> chunks = ExecutedChunk.of(bag.episode(), policy.spec().chunk().horizon());
    Map<Integer, PolicyOutput> outputs = policy.outputs(bag, Comparison.asked(chunks));
    var result = new EpisodeMeasures(bag, answered);
    Comparison.addExecuted(result, bag, policy);
    Comparison.add(result, Column.POLICY, bag, policy, mine, outputs);
    against.ifPresent(rival -> compare(result, path, rival, mine, outputs));
    return result;
  }

  private void compare(
      EpisodeMeasures result,
      Path path,
      ReplayedPolicy rival,
      ReplayedEpisode mine,
      Map<Integer, PolicyOutput> outputs) {
    RecordedBag bag = RecordedBag.open(path, rival.spec(), options);
    ReplayedEpisode theirs = player.play(rival, bag);
    requireAnswers(bag, theirs, Comparison.answered(bag.episode(), theirs));
    Set<Integer> asked = new HashSet<>(outputs.keySet());
    asked.addAll(Comparison.asked(ExecutedChunk.of(bag.episode(), rival.spec().chunk().horizon())));
    Map<Integer, PolicyOutput> others = rival.outputs(bag, asked);
    Comparison.add(result, Column.AGAINST, bag, rival, theirs, others);
    Comparison.addDistance(result, bag, policy, mine, theirs);
    Disagreement.add(result, policy.spec(), outputs, rival.spec(), others);
  }

  /** Each observation that was acted on gets one command in lock-step, and nothing else does. */
  private void requireAnswers(RecordedBag bag, ReplayedEpisode replayed, int answered) {
    int wanted = bag.episode().steps().size();
    if (everyObservation && (answered != wanted || replayed.commands().size() != wanted)) {
      throw new ReplayException(
          "the robot node gave %d commands, %d of them for the %d observations; that is a fault of this program"
              .formatted(replayed.commands().size(), answered, wanted));
    }
    if (answered == 0) {
      throw new ReplayException("no command answers one of its observations");
    }
  }

  /** The result of the bags replayed so far. */
  ReplayResult result(
      ReplayResult.Party party,
      Optional<ReplayResult.Party> rival,
      String pace,
      ReplaySession.Mode mode) {
    Map<String, Integer> notes = new TreeMap<>();
    episodes.forEach(e -> e.notes.forEach(note -> notes.merge(note, 1, Integer::sum)));
    Optional<Totals> totals =
        episodes.isEmpty() ? Optional.empty() : Optional.of(new Totals(episodes));
    return new ReplayResult(
        party,
        rival,
        pace,
        mode,
        totals.map(t -> t.rows(Measures.of(policy.spec()))).orElse(List.of()),
        totals.map(Totals::latencies).orElse(List.of()),
        List.copyOf(episodes),
        List.copyOf(refused),
        notes);
  }

  @Override
  public void close() {
    policy.close();
    against.ifPresent(ReplayedPolicy::close);
  }
}
