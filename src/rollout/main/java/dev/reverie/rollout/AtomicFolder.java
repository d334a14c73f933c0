package dev.reverie.rollout;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.function.BiFunction;
import java.util.stream.Stream;

/** Writes folders that appear whole or not at all, and deletes them. */
public final class AtomicFolder {
  private AtomicFolder() {}

  /** Fills a folder that nobody else sees yet. */
  public interface Filling<T> {
    /**
     * Writes what the folder is to hold.
     *
     * @param draft empty
     * @throws IOException where it cannot be written; nothing of it stays
     */
    T fill(Path draft) throws IOException;
  }

  /**
   * Fills a hidden folder beside the target, which then takes the target's name.
   *
   * @param refusal makes the exception that is thrown where the target exists or cannot be written,
   *     of a message with the remedy and a cause
   * @return what the filling gave
   */
  public static <T> T write(
      Path folder,
      BiFunction<String, Throwable, ? extends RuntimeException> refusal,
      Filling<T> filling) {
    Path target = folder.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw refusal.apply(
          "%s exists already; choose another folder or remove it first".formatted(target),
          new FileAlreadyExistsException(target.toString()));
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
      throw refusal.apply(
          "cannot write %s: %s; choose another folder, or make room on the disk"
              .formatted(target, Unwritable.reason(e, target)),
          e);
    }
  }

  /**
   * Deletes a folder with all that is in it; does nothing where there is none.
   *
   * @throws IOException where something of it cannot be deleted
   */
  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
