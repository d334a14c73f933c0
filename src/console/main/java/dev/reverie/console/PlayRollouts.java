package dev.reverie.console;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The rollouts that a run may be played from: those that lie in its round's folder, and those that
 * the console lists. Thread-safe.
 */
final class PlayRollouts {
  /** Stands for the rollouts that the console lists. */
  static final String RECORDED = "recorded";

  /** Folders in which a round leaves bags. */
  private static final List<String> OF_ROUND =
      List.of("rollouts", "evaluation/improved", "evaluation/base", "demonstrations");

  private final RunIndex runs;
  private final Supplier<RolloutIndex> recorded;
  private final Path caches;
  private final Map<Path, RolloutIndex> indices = new HashMap<>();

  /**
   * The rollouts that a page gets.
   *
   * @param folders that there are to choose from
   * @param from the one that is listed
   */
  record Listing(
      List<String> folders, String from, String folder, boolean looking, List<RolloutRow> rows) {}

  /**
   * Creates it; nothing is read yet.
   *
   * @param recorded that the console lists
   * @param caches folder for what was read of bags
   */
  PlayRollouts(RunIndex runs, Supplier<RolloutIndex> recorded, Path caches) {
    this.runs = runs;
    this.recorded = recorded;
    this.caches = caches;
  }

  /**
   * Lists a folder of a run.
   *
   * @param from one of its folders; empty: the first
   * @throws Refusal where there is no such run or folder
   */
  Listing list(String run, String from) {
    Path round = runs.round(run);
    List<String> folders = new ArrayList<>();
    OF_ROUND.stream().filter(name -> Files.isDirectory(round.resolve(name))).forEach(folders::add);
    folders.add(RECORDED);
    String chosen = from.isEmpty() ? folders.getFirst() : from;
    RolloutIndex.Listing listed = index(round, chosen).list();
    return new Listing(folders, chosen, listed.folder(), listed.looking(), listed.rows());
  }

  /**
   * The bag that a page names.
   *
   * @throws Refusal where there is none of that name
   */
  Path bag(String run, String from, String name) {
    return index(runs.round(run), from).bag(name).path();
  }

  private synchronized RolloutIndex index(Path round, String from) {
    if (from.equals(RECORDED)) {
      return recorded.get();
    }
    if (!OF_ROUND.contains(from)) {
      throw new Refusal(404, "there is no folder of rollouts '%s'", from);
    }
    return indices.computeIfAbsent(round.resolve(from), folder -> new RolloutIndex(folder, caches));
  }
}
