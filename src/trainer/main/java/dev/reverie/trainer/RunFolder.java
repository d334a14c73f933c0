package dev.reverie.trainer;

import dev.reverie.mcap.FileGuard;
import dev.reverie.trainer.nn.Ranks;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The folder of a run, which one process, or one rank of each number, works in at a time. */
final class RunFolder implements AutoCloseable {
  private final FileChannel lock;

  private RunFolder(FileChannel lock) {
    this.lock = lock;
  }

  /**
   * Takes a folder, which is made if needed, and writes {@code settings.json} into it: all of the
   * settings that the run works with.
   *
   * @throws TrainerException where another run is at work there
   */
  static RunFolder take(Path folder, Settings settings) {
    Ranks ranks = Ranks.world();
    ranks.requireSame("run's settings", settings.toJson());
    try {
      Files.createDirectories(folder);
      FileChannel lock =
          FileGuard.take(folder.resolve(ranks.first() ? ".lock" : ".lock-of-rank-" + ranks.rank()))
              .orElseThrow(
                  () ->
                      new TrainerException(
                          "another run is at work in %s; wait for its end, or choose another folder"
                              .formatted(folder.toAbsolutePath())));
      RunReport.write(folder.resolve("settings.json"), RunReport.JSON.valueToTree(settings));
      return new RunFolder(lock);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot work in " + folder.toAbsolutePath(), e);
    }
  }

  /** Lets others work there. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unlock a run's folder", e);
    }
  }
}
