package dev.reverie.rollout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/** Says why files cannot be written or read, in words of people, where Java names its classes. */
public final class FileErrors {
  private FileErrors() {}

  /**
   * Says why a folder is neither there nor can be made: something else is in its place or in that
   * of one above, or nothing may be written there. Empty where it is there or can be made.
   */
  public static Optional<String> folder(Path folder) {
    Path there = folder.toAbsolutePath().normalize();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      return Optional.of("'%s' is a file, no folder".formatted(there));
    }
    return Files.isWritable(there)
        ? Optional.empty()
        : Optional.of("nothing can be written in '%s'".formatted(there));
  }

  /**
   * Says why a file cannot be written: a folder has its name, or the one that it is to stand in is
   * not there or may not be written. Empty where it can be.
   */
  public static Optional<String> file(Path file) {
    Path whole = file.toAbsolutePath().normalize();
    Path parent = whole.getParent();
    if (parent == null || Files.isDirectory(whole)) {
      return Optional.of("'%s' is a folder".formatted(whole));
    }
    return folder(parent)
        .or(
            () ->
                Files.isDirectory(parent)
                    ? Optional.empty()
                    : Optional.of("the folder '%s' is not there".formatted(parent)));
  }

  /**
   * Says why a file or folder could not be written or read.
   *
   * @param about the file or folder
   */
  public static String reason(Exception e, Path about) {
    Path parent = about.toAbsolutePath().normalize().getParent();
    Optional<String> above = parent == null ? Optional.empty() : folder(parent);
    return above.orElseGet(() -> reason(e));
  }

  /** Says why a file or folder could not be written or read. */
  public static String reason(Throwable e) {
    return switch (e) {
      case NoSuchFileException missing -> "'%s' is not there".formatted(missing.getFile());
      case AccessDeniedException denied ->
          "'%s' may not be read or written".formatted(denied.getFile());
      case FileAlreadyExistsException taken ->
          "'%s' is %s"
              .formatted(
                  taken.getFile(),
                  Files.isRegularFile(Path.of(taken.getFile()))
                      ? "a file, no folder"
                      : "there already");
      case FileSystemException other when other.getReason() != null -> lower(other.getReason());
      case UncheckedIOException wrapped -> reason(Objects.requireNonNull(wrapped.getCause()));
      case IOException plain when plain.getMessage() != null -> lower(plain.getMessage());
      default -> String.valueOf(e.getMessage());
    };
  }

  /** The system's words begin with a capital. */
  private static String lower(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }
}
