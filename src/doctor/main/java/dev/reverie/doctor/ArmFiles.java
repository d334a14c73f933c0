package dev.reverie.doctor;

import dev.reverie.mcap.Durable;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The files that {@code arm init} writes, each whole or not at all.
 *
 * @param yaml the arm file
 * @param urdf the arm's URDF, beside it
 */
record ArmFiles(Path yaml, Path urdf) {
  /**
   * Returns the files of an {@code --out}.
   *
   * @param force whether files that are there may be replaced
   * @throws IllegalArgumentException where one is there, or cannot be written, with the remedy
   */
  static ArmFiles of(Path out, boolean force) {
    Path name = out.getFileName();
    if (name == null || Files.isDirectory(out)) {
      throw new IllegalArgumentException(
          "--out '%s' is a folder; give a file, such as %s"
              .formatted(out, out.resolve("arm.yaml")));
    }
    var files =
        new ArmFiles(
            out, out.resolveSibling(name.toString().replaceFirst("\\.ya?ml$", "") + ".urdf"));
    for (Path file : List.of(files.yaml, files.urdf)) {
      if (Files.isDirectory(file)) {
        throw new IllegalArgumentException(
            "'%s', which is to be written, is a folder; give another --out".formatted(file));
      }
      if (!force && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new IllegalArgumentException(
            "'%s' exists; give another --out, or --force to replace it".formatted(file));
      }
    }
    requireFolder(Durable.folderOf(out));
    return files;
  }

  /** Refuses a folder that is none, or neither there nor to be made. */
  private static void requireFolder(Path folder) {
    Path there = folder;
    while (!Files.exists(there)) {
      there = Objects.requireNonNull(there.getParent(), "the root is there");
    }
    if (!Files.isDirectory(there)) {
      throw new IllegalArgumentException(
          "'%s', in which --out is, is no folder; give another --out".formatted(there));
    }
    try {
      Files.delete(Files.createTempFile(there, ".reverie-arm-init-", ".tmp"));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "nothing can be written in '%s'; give an --out elsewhere, or correct the folder's rights"
              .formatted(there),
          e);
    }
  }

  /**
   * Writes the URDF, if there is one, and last the arm file that names it.
   *
   * @throws IllegalArgumentException where one cannot be written; what was not there before is not
   *     there then
   */
  void write(String arm, Optional<String> description) {
    boolean first = !Files.exists(urdf);
    try {
      Files.createDirectories(Durable.folderOf(yaml));
      if (description.isPresent()) {
        Durable.write(urdf, description.get());
      }
      try {
        Durable.write(yaml, arm);
      } catch (IOException e) {
        if (first) {
          Files.deleteIfExists(urdf);
        }
        throw e;
      }
    } catch (IOException e) {
      String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
      throw new IllegalArgumentException(
          "'%s' cannot be written: %s; give another --out, or make room on the disk"
              .formatted(yaml, reason),
          e);
    }
  }
}
