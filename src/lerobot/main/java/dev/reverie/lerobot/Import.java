package dev.reverie.lerobot;

import dev.reverie.importer.JointUnit;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.EpisodeOutcome;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes rollouts of a dataset's episodes.
 *
 * @param task policy bundle or task file that the episodes are for; empty: as the dataset says,
 *     which only one exported from rollouts does
 * @param outcome of every episode; empty: as the dataset says
 * @param unit of the dataset's joints and angles; empty: as the dataset says, which only one
 *     exported from rollouts does
 * @param jointUnits of joints that have another, by name, as {@link JointUnit#of} reads them
 * @param jointNames of the state's entries in their order; empty: as the dataset says
 * @param continuous joints that turn on and on: from one position to another they go the short way
 * @param instruction of the episodes whose task is an empty text; empty: they have none
 * @param cameras names by name in the dataset; empty: all, as the dataset says
 * @param every frames of which one is taken; 1: all
 * @param action what the dataset's action is; empty: as its names say
 * @param clamp whether actions beyond what the policy can do are cut off instead of refused
 */
record Import(
    Optional<Path> task,
    Optional<EpisodeOutcome.Kind> outcome,
    Optional<JointUnit> unit,
    Map<String, String> jointUnits,
    List<String> jointNames,
    Set<String> continuous,
    Optional<String> instruction,
    SequencedMap<String, String> cameras,
    int every,
    Optional<ActionMapping.Meaning> action,
    boolean clamp) {
  public Import {
    jointUnits = Map.copyOf(jointUnits);
    jointNames = List.copyOf(jointNames);
    continuous = Set.copyOf(continuous);
    if (every < 1) {
      throw new IllegalArgumentException("--every " + every + "; give 1 or more");
    }
  }

  /** The result of an import. */
  record Result(int episodes, long steps, long clamped) {}

  /**
   * Writes a bag for each episode.
   *
   * @param rollouts must not exist yet; appears whole or not at all
   * @param tell takes a line for each thing that is left out
   * @throws LerobotException where the dataset is damaged or cannot be mapped
   */
  Result run(Path dataset, Path rollouts, Consumer<String> tell) {
    try (DatasetReader reader = new DatasetReader(dataset)) {
      ImportPlan plan = ImportPlan.of(reader, this);
      plan.units().notices().forEach(tell);
      if (!plan.ignored().isEmpty()) {
        tell.accept("not imported: features " + plan.ignored());
      }
      return AtomicFolder.write(
          rollouts, LerobotException::new, draft -> bags(reader, plan, dataset, draft, tell));
    }
  }

  private Result bags(
      DatasetReader reader, ImportPlan plan, Path dataset, Path draft, Consumer<String> tell) {
    Set<String> ids = new HashSet<>();
    int episodes = 0;
    long steps = 0;
    long frames = 0;
    int untold = 0;
    for (DatasetReader.Entry entry : reader.episodes()) {
      if (entry.length() <= every) {
        tell.accept(
            "left out: episode %d of %d frames has no step with a result"
                .formatted(entry.index(), entry.length()));
        skip(reader, entry);
      } else {
        String id = id(dataset, entry, ids);
        var episode = new EpisodeImport(this, reader, plan, entry, frames);
        steps += episode.run(draft, dataset, id);
        episodes++;
        untold += episode.instruction().isBlank() ? 1 : 0;
      }
      frames += entry.length();
    }
    if (untold > 0) {
      tell.accept(
          "no instruction: %d of %d episodes have an empty task; for a policy that is told what to do, import with --instruction TEXT"
              .formatted(untold, episodes));
    }
    if (episodes == 0) {
      throw new LerobotException("no episode of %s has a step with a result".formatted(dataset));
    }
    return new Result(episodes, steps, plan.mapping().map(ActionMapping::clamped).orElse(0L));
  }

  private static void skip(DatasetReader reader, DatasetReader.Entry entry) {
    reader.begin(entry);
    while (reader.next()) {
      // the next episode's rows come after
    }
  }

  /** A name of its own for the episode, also where two datasets were put together. */
  private static String id(Path dataset, DatasetReader.Entry entry, Set<String> ids) {
    String name =
        dataset
            .toAbsolutePath()
            .normalize()
            .getFileName()
            .toString()
            .replaceAll("[^A-Za-z0-9._-]", "_");
    String own = "%s-%06d".formatted(name.replaceFirst("^[^A-Za-z0-9]+", ""), entry.index());
    String id =
        entry.lineage().map(Lineage::episodeId).filter(told -> !ids.contains(told)).orElse(own);
    ids.add(id);
    return id;
  }
}
