package dev.reverie.trainer;

import dev.reverie.mcap.FileGuard;
import dev.reverie.rollout.AtomicFolder;
import dev.reverie.rollout.FileErrors;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folder of a run, which one process, or one rank of each number, works in at a time. A run
 * that is refused before it leaves anything of its own leaves the folder as it was.
 */
final class RunFolder implements AutoCloseable {
  private static final String SETTINGS = "settings.json";

  /** Decoded episodes, where no other folder is named for them. */
  static final String CACHE = "cache";

  private final Path folder;
  private final Path lockFile;
  private final FileChannel lock;
  private final Before before;
  private boolean kept;

  /**
   * The content of the folder before.
   *
   * @param missing the folder and those above it that were not there, the outermost last
   * @param names of what was in the folder
   * @param settings of the run before; empty where there was none
   */
  private record Before(List<Path> missing, Set<String> names, Optional<byte[]> settings) {
    static Before of(Path folder) throws IOException {
      List<Path> missing = new ArrayList<>();
      for (Path at = folder; at != null && !Files.exists(at); at = at.getParent()) {
        missing.add(at);
      }
      Path settings = folder.resolve(SETTINGS);
      return new Before(
          missing,
          missing.isEmpty() ? namesIn(folder) : Set.of(),
          Files.exists(settings) ? Optional.of(Files.readAllBytes(settings)) : Optional.empty());
    }
  }

  private RunFolder(Path folder, Path lockFile, FileChannel lock, Before before) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.lock = lock;
    this.before = before;
  }

  /**
   * Takes a folder, which is made if needed, and writes {@code settings.json} into it: all of the
   * settings that the run works with.
   *
   * @param stages that work there
   * @param remake whether results of other settings are deleted
   * @throws TrainerException where another run is at work there, nothing can be written there, or a
   *     stage there is made of other settings
   */
  static RunFolder take(
      Path given, Settings settings, ChangedSettings.Stages stages, boolean remake) {
    Ranks ranks = Ranks.world();
    ranks.requireSame("run's settings", settings.toJson());
    Path folder = given.toAbsolutePath().normalize();
    Path lockFile = folder.resolve(ranks.first() ? ".lock" : ".lock-of-rank-" + ranks.rank());
    try {
      Before before = Before.of(folder);
      Files.createDirectories(folder);
      FileChannel lock =
          FileGuard.take(lockFile)
              .orElseThrow(
                  () ->
                      new TrainerException(
                          "another run is at work in %s; wait for its end, or choose another folder"
                              .formatted(folder)));
      RunFolder taken = new RunFolder(folder, lockFile, lock, before);
      taken.begin(settings, stages, remake);
      return taken;
    } catch (IOException e) {
      throw new TrainerException(
          "cannot work in %s: %s; choose another folder"
              .formatted(folder, FileErrors.reason(e, lockFile)),
          e);
    }
  }

  private void begin(Settings settings, ChangedSettings.Stages stages, boolean remake) {
    Ranks ranks = Ranks.world();
    boolean begun = false;
    try {
      Optional<Settings> was = before.settings.flatMap(this::read);
      ranks.requireSame("settings in " + folder, was.map(Settings::toJson).orElse("none"));
      was.ifPresent(then -> new ChangedSettings(folder, then, settings, stages).settle(remake));
      ranks.once(
          () -> RunReport.write(folder.resolve(SETTINGS), RunReport.JSON.valueToTree(settings)));
      begun = true;
    } finally {
      if (!begun) {
        close();
      }
    }
  }

  /** Settings of the run before; of another version's, which may be none here, each stage tells. */
  private Optional<Settings> read(byte[] json) {
    try {
      return Optional.of(Settings.DEFAULT.changed(RunReport.JSON.readTree(json), SETTINGS));
    } catch (IOException | TrainerException e) {
      return Optional.empty();
    }
  }

  /** Leaves all as it is: the run has ended, or was stopped and is to go on. */
  void keep() {
    kept = true;
  }

  /** Lets others work there. */
  @Override
  public void close() {
    try (lock) {
      if (!kept && nothingOfItsOwn()) {
        undo();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock a run's folder", e);
    }
  }

  /** Returns whether no stage has left anything. */
  private boolean nothingOfItsOwn() throws IOException {
    Set<String> names = namesIn(folder);
    names.removeAll(before.names);
    names.removeIf(name -> name.equals(SETTINGS) || name.equals(CACHE) || name.startsWith(".lock"));
    return names.isEmpty();
  }

  private void undo() throws IOException {
    if (!before.names.contains(String.valueOf(lockFile.getFileName()))) {
      Files.deleteIfExists(lockFile);
    }
    if (!Ranks.world().first()) {
      return;
    }
    Path settings = folder.resolve(SETTINGS);
    if (before.settings.isPresent()) {
      Files.write(settings, before.settings.get());
    } else {
      Files.deleteIfExists(settings);
    }
    if (!before.names.contains(CACHE)) {
      AtomicFolder.delete(folder.resolve(CACHE));
    }
    for (Path made : before.missing) {
      if (namesIn(made).isEmpty()) {
        Files.delete(made);
      }
    }
  }

  private static Set<String> namesIn(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      Set<String> names = new HashSet<>();
      entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
      return names;
    }
  }
}
