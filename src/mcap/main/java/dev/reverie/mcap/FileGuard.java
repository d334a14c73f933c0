package dev.reverie.mcap;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Keeps others away from what a file stands for, such as a folder, while one is at work. */
public final class FileGuard {
  private FileGuard() {}

  /**
   * Takes a file, which is made if needed, until the result is closed or this process ends.
   *
   * @return empty where another process, or something else in this one, has it
   */
  public static Optional<FileChannel> take(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(channel);
      }
    } catch (OverlappingFileLockException e) {
      // It is taken in this process.
    }
    channel.close();
    return Optional.empty();
  }
}
