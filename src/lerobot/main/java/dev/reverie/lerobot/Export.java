package dev.reverie.lerobot;

import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.Episode;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.EpisodeOutcome;
import dev.reverie.rollout.EpisodeReader;
import dev.reverie.rollout.PictureDecoder;
import dev.reverie.rollout.Rollouts;
import dev.reverie.rollout.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a dataset of rollouts.
 *
 * @param videos whether pictures become videos; else they are kept without loss, as PNG
 * @param fps steps a second, which every bag must have; 0: as the bags say
 * @param outcomes that are taken; empty: all
 * @param cameras whose pictures are taken; empty: all that have one at each step
 * @param robotType name of the robot in the dataset; may be empty
 * @param limits of the dataset's files
 * @param alignment which messages of a bag belong to one observation
 */
record Export(
    boolean videos,
    int fps,
    Set<EpisodeOutcome.Kind> outcomes,
    Set<String> cameras,
    String robotType,
    DatasetWriter.FileLimits limits,
    Alignment alignment) {
  public Export {
    outcomes = Set.copyOf(outcomes);
    cameras = Set.copyOf(cameras);
  }

  /** Creates an export of all cameras, with the usual tolerances. */
  Export(
      boolean videos,
      int fps,
      Set<EpisodeOutcome.Kind> outcomes,
      String robotType,
      DatasetWriter.FileLimits limits) {
    this(videos, fps, outcomes, Set.of(), robotType, limits, Alignment.DEFAULT);
  }

  /**
   * The result of an export.
   *
   * @param leftOut bags that could not be read or had another outcome
   */
  record Result(int episodes, long frames, int leftOut) {}

  /**
   * Writes the episodes of these folders, in the order of the folders and their bags' names.
   *
   * @param dataset must not exist yet; appears whole or not at all
   * @param tell takes a line for each bag that is left out, and why
   * @throws LerobotException where nothing can be exported or bags do not fit together
   */
  Result run(List<Path> folders, Path dataset, Consumer<String> tell) {
    List<Path> bags = folders.stream().flatMap(folder -> Rollouts.bags(folder).stream()).toList();
    return AtomicFolder.write(
        dataset,
        LerobotException::new,
        draft -> {
          try (Run run = new Run(draft, tell)) {
            int episodes = 0;
            for (Path bag : bags) {
              episodes += run.add(bag) ? 1 : 0;
            }
            return new Result(episodes, run.finish(folders), bags.size() - episodes);
          }
        });
  }

  /** One export; its layout is that of the first episode. */
  private final class Run implements AutoCloseable {
    private final Path draft;
    private final Consumer<String> tell;
    private @Nullable Layout layout;
    private @Nullable DatasetWriter writer;

    Run(Path draft, Consumer<String> tell) {
      this.draft = draft;
      this.tell = tell;
    }

    boolean add(Path bag) throws IOException {
      Optional<Episode> read = read(bag);
      if (read.isEmpty()) {
        return false;
      }
      Episode episode = read.get();
      if (layout == null) {
        layout = Layout.of(episode, fps);
      }
      layout.require(episode, fps);
      if (writer == null) {
        writer = new DatasetWriter(draft, layout, videos, robotType, limits);
      }
      if (episode.pieces().size() > 1) {
        tell.accept(
            "%s: %d pieces, each an episode of its own; left out: %s"
                .formatted(bag, episode.pieces().size(), episode.gaps()));
      }
      long uneven = episode.pieces().stream().mapToLong(layout::unevenSteps).sum();
      if (uneven > 0) {
        tell.accept(
            "%s: %d of %d steps took more than half a period too long or too short; timestamps are nominal, %s is what was measured"
                .formatted(bag, uneven, episode.steps().size(), Keys.STAMP));
      }
      for (int i = 0; i < episode.pieces().size(); i++) {
        var exported = new ExportedEpisode(episode, episode.pieces().get(i), layout);
        writer.add(exported, episode.instruction(), Lineage.of(episode, i));
      }
      return true;
    }

    private Optional<Episode> read(Path bag) {
      Episode episode;
      try {
        EpisodeReader reader = EpisodeReader.open(bag, alignment, PictureDecoder.ofJdk());
        if (!outcomes.isEmpty() && !outcomes.contains(reader.outcome().kind())) {
          return Optional.empty();
        }
        episode = cameras.isEmpty() ? withAllCameras(reader, bag) : reader.read(cameras);
      } catch (EpisodeException e) {
        tell.accept("left out: " + e.getMessage());
        return Optional.empty();
      }
      if (episode.steps().stream().allMatch(Step::held)) {
        tell.accept("left out: %s: the arm was held still all the time".formatted(bag));
        return Optional.empty();
      }
      return Optional.of(episode);
    }

    /** Takes the policy's cameras, and of the others those that cost nothing. */
    private Episode withAllCameras(EpisodeReader reader, Path bag) {
      Set<String> taken = new TreeSet<>(reader.completeCameras());
      left(bag, reader.cameras(), taken, "not every step has a picture of it");
      Set<String> known = layout == null ? taken : layout.cameras().keySet();
      Set<String> complete = Set.copyOf(taken);
      taken.removeIf(name -> !known.contains(name) && !reader.seenCameras().contains(name));
      left(bag, complete, taken, "the episodes before it have none");
      if (taken.equals(reader.seenCameras())) {
        return reader.read();
      }
      try {
        return reader.read(taken);
      } catch (EpisodeException e) {
        left(bag, taken, reader.seenCameras(), String.valueOf(e.getMessage()));
        return reader.read();
      }
    }

    /** Says which cameras are left out. */
    private void left(Path bag, Set<String> all, Set<String> taken, String why) {
      for (String camera : all) {
        if (!taken.contains(camera)) {
          tell.accept(
              "%s: camera '%s' is left out: %s; name each camera that is to be taken with --camera"
                  .formatted(bag, camera, why));
        }
      }
    }

    /** Frames in all. */
    long finish(List<Path> folders) throws IOException {
      if (writer == null) {
        throw new LerobotException(
            "no episode in %s can be exported%s"
                .formatted(
                    folders,
                    outcomes.isEmpty()
                        ? "; record some first"
                        : " with an outcome of " + outcomes));
      }
      return writer.finish();
    }

    @Override
    public void close() throws IOException {
      if (writer != null) {
        writer.close();
      }
    }
  }
}
