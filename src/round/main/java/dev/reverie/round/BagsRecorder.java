package dev.reverie.round;

import dev.reverie.report.Page;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.RolloutSummary;
import dev.reverie.rollout.Rollouts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Waits for the bags that a robot node records on a real arm, and says what is missing. Bags stay
 * where they are; a round has links to those that it uses, and none is used twice.
 */
final class BagsRecorder implements Recorder {
  /** Number of each outcome in a round's rollouts: one to learn from, one to judge by. */
  static final int OF_EACH_OUTCOME = 2;

  private static final Duration POLL = Duration.ofSeconds(2);

  private final Console console;
  private final Path bags;
  private final Path run;
  private final Consumer<Recorded> offer;
  private final boolean patient;
  private final Map<Path, RolloutSummary> known = new HashMap<>();
  private final Map<Path, String> actors = new HashMap<>(); // of episodes that have ended
  private String offered = ""; // id of the policy that was given to the node last

  /**
   * Creates a recorder.
   *
   * @param bags folder that the robot node records to
   * @param run folder of the run, whose rounds have links to what they use
   * @param offer is given the policy that is to be run: when recordings of it are missing, and at
   *     the end of a round
   * @param patient waits; else what is missing ends the command
   */
  BagsRecorder(Console console, Path bags, Path run, Consumer<Recorded> offer, boolean patient) {
    this.console = console;
    this.bags = bags;
    this.run = run;
    this.offer = offer;
    this.patient = patient;
  }

  @Override
  public void record(Phase phase, long seed, Recorded policy, int count, Path into) {
    List<RolloutSummary> had = Recorder.episodes(into);
    if (wanted(phase, had, count).isEmpty()) {
      return;
    }
    String said = "";
    while (true) {
      Found found = look(policy.id());
      List<RolloutSummary> all = new ArrayList<>(had);
      all.addAll(chosen(found.usable(), count - had.size(), phase));
      List<String> wanted = wanted(phase, all, count);
      if (wanted.isEmpty()) {
        all.subList(had.size(), all.size()).forEach(episode -> link(episode.bag(), into));
        return;
      }
      String missing = message(wanted, policy, all, found);
      if (said.isEmpty()) {
        offer(policy);
      }
      if (!patient) {
        throw new WaitingException(missing);
      }
      if (!missing.equals(said)) {
        console.line("   " + missing);
        said = missing;
      }
      sleep();
    }
  }

  /**
   * Bags of the folder that this run has not used yet.
   *
   * @param usable labelled episodes of the policy, the oldest first
   * @param ofOthers in how many each other policy acted, by its id; empty for a person
   */
  private record Found(
      List<RolloutSummary> usable,
      int unlabelled,
      int aborted,
      int unreadable,
      SortedMap<String, Integer> ofOthers) {}

  private Found look(String policy) {
    Set<Path> used = used();
    List<RolloutSummary> usable = new ArrayList<>();
    int unlabelled = 0;
    int aborted = 0;
    int unreadable = 0;
    SortedMap<String, Integer> ofOthers = new TreeMap<>();
    for (Path bag : Rollouts.bags(bags)) {
      if (used.contains(real(bag))) {
        continue;
      }
      RolloutSummary episode = known.computeIfAbsent(bag, Rollouts::summary);
      if (!Recorder.labelled(episode) || !episode.problem().isEmpty()) {
        known.remove(bag); // may be labelled, or whole, the next time
      }
      if (!episode.problem().isEmpty()) {
        unreadable++;
      } else if (!episode.policyId().equals(policy)) {
        ofOthers.merge(episode.policyId(), 1, Integer::sum);
      } else if (episode.outcome().kind() == EpisodeOutcome.Kind.UNLABELLED) {
        unlabelled++;
      } else if (episode.outcome().kind() == EpisodeOutcome.Kind.ABORTED) {
        aborted++;
      } else {
        String actor = actors.computeIfAbsent(bag, BagsRecorder::actor);
        if (actor.equals(policy)) {
          usable.add(episode);
        } else {
          ofOthers.merge(actor, 1, Integer::sum);
        }
      }
    }
    usable.sort(
        Comparator.comparingLong(RolloutSummary::recordedNanos).thenComparing(RolloutSummary::id));
    return new Found(usable, unlabelled, aborted, unreadable, ofOthers);
  }

  /** Returns who acted, in the whole episode; where that cannot be told whom it began with. */
  static String actor(Path bag) {
    try {
      return EpisodeReader.open(bag, Alignment.DEFAULT).readWithoutPictures().actor();
    } catch (EpisodeException e) {
      return Rollouts.summary(bag).policyId();
    }
  }

  /** The first ones; of rollouts all, since what was recorded while an outcome lacked is of use. */
  private static List<RolloutSummary> chosen(List<RolloutSummary> usable, int count, Phase phase) {
    return phase == Phase.ROLLOUT ? usable : usable.subList(0, Math.min(count, usable.size()));
  }

  /** Returns what is to be recorded still; empty where nothing is. */
  private static List<String> wanted(Phase phase, List<RolloutSummary> episodes, int count) {
    long successes = successes(episodes);
    List<String> wanted = new ArrayList<>();
    add(wanted, count - episodes.size(), "episodes");
    if (phase == Phase.ROLLOUT) {
      add(wanted, OF_EACH_OUTCOME - successes, "successes");
      add(wanted, OF_EACH_OUTCOME - (episodes.size() - successes), "failures");
    }
    return wanted;
  }

  private static void add(List<String> wanted, long count, String what) {
    if (count > 0) {
      wanted.add("%d more %s".formatted(count, what));
    }
  }

  private static long successes(List<RolloutSummary> episodes) {
    return episodes.stream().filter(episode -> episode.outcome().success()).count();
  }

  /** Returns what is to be done by the person at the arm. */
  private String message(
      List<String> wanted, Recorded policy, List<RolloutSummary> there, Found found) {
    long successes = successes(there);
    var text = new StringBuilder();
    text.append(
        "waiting in %s for %s of policy %s; it has %d (%d successes, %d failures)"
            .formatted(
                bags,
                String.join(" and ", wanted),
                Page.shortId(policy.id()),
                there.size(),
                successes,
                there.size() - successes));
    add(
        text,
        found.unlabelled(),
        "are unlabelled: ./reverie rollouts label BAG --outcome success|failure");
    add(text, found.aborted(), "do not count, since they were aborted");
    found
        .ofOthers()
        .forEach(
            (id, count) ->
                add(
                    text,
                    count,
                    "do not count, since they are of "
                        + (id.isEmpty()
                            ? "a person, or one took over"
                            : "policy " + Page.shortId(id))));
    add(
        text,
        found.unreadable(),
        "cannot be read, or are being recorded: ./reverie rollouts verify " + bags);
    return text.toString();
  }

  private static void add(StringBuilder text, int count, String what) {
    if (count > 0) {
      text.append("; %d %s".formatted(count, what));
    }
  }

  private Set<Path> used() {
    Path rounds = run.resolve("rounds");
    if (!Files.isDirectory(rounds)) {
      return Set.of();
    }
    try (Stream<Path> paths = Files.walk(rounds, 5)) {
      Set<Path> used = new HashSet<>();
      paths.filter(Files::isSymbolicLink).forEach(link -> used.add(real(link)));
      return used;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + rounds, e);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new RoundException(
          "the recording %s cannot be found (%s); this run needs it, so put it back"
              .formatted(path, e.getMessage()),
          e);
    }
  }

  private static void link(Path bag, Path into) {
    try {
      Files.createDirectories(into);
      Files.createSymbolicLink(into.resolve(bag.getFileName()), bag.toRealPath());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link " + bag + " into " + into, e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RoundException("stopped before the end", e);
    }
  }

  @Override
  public boolean sameScenes() {
    return false;
  }

  /** A policy that was only tried does not stay on the arm. */
  @Override
  public void goOnWith(Recorded policy) {
    if (!policy.id().equals(offered)) {
      offer(policy);
    }
  }

  private void offer(Recorded policy) {
    offer.accept(policy);
    offered = policy.id();
  }

  @Override
  public void await(String what, CompletableFuture<Void> work) {
    work.join();
  }

  @Override
  public void close() {}
}
