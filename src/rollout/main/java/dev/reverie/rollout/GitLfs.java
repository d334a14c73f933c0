package dev.reverie.rollout;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells of a file that Git LFS did not fetch: a text of a few lines stands in its place, the
 * pointer (git-lfs.com, specification).
 */
public final class GitLfs {
  private static final String BEGINNING = "version https://git-lfs";
  private static final String REMEDY =
      "a Git LFS pointer instead of the file itself, which was not fetched; fetch it: git lfs pull, in the repository that it is of, or download the file itself";

  private GitLfs() {}

  /** Says that the file is only a pointer, with its name and the remedy; empty where it is none. */
  public static Optional<String> pointer(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] begin = in.readNBytes(BEGINNING.length());
      return pointer(new String(begin, StandardCharsets.ISO_8859_1))
          .map(told -> "%s is %s".formatted(file, told));
    } catch (IOException e) {
      return Optional.empty(); // who reads it next says why it cannot be read
    }
  }

  /** Says that the content of a file is only a pointer, to be read behind its name. */
  public static Optional<String> pointer(String text) {
    return text.startsWith(BEGINNING) ? Optional.of(REMEDY) : Optional.empty();
  }
}
