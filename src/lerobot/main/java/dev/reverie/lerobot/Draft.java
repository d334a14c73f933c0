package dev.reverie.lerobot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders that appear whole or not at all. */
final class Draft {
  private Draft() {}

  /** Fills a folder. */
  interface Filling<T> {
    T fill(Path folder) throws IOException;
  }

  /**
   * Fills a hidden folder beside the target, which then takes the target's name.
   *
   * @throws LerobotException where the target exists or cannot be written
   */
  static <T> T write(Path folder, Filling<T> filling) {
    Path target = folder.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw new LerobotException(
          "%s exists already; choose another folder or remove it first".formatted(target));
    }
    try {
      Files.createDirectories(target.getParent());
      Path draft = Files.createTempDirectory(target.getParent(), "." + target.getFileName() + "-");
      try {
        T result = filling.fill(draft);
        Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        return result;
      } finally {
        delete(draft);
      }
    } catch (IOException e) {
      throw new LerobotException(
          "cannot write %s: %s; is there room on the disk?".formatted(target, e), e);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
