package dev.reverie.round;

import dev.reverie.mcap.FileGuard;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;

/** Makes, keeps, copies and links folders of bags and models. */
final class Folders {
  private Folders() {}

  /** Makes the folder; refuses one that holds anything. */
  static void requireEmpty(Path folder) {
    try {
      Files.createDirectories(folder);
      try (var entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw new RoundException(
              folder + " is not empty; name another folder with --out, or delete this one");
        }
      }
    } catch (IOException e) {
      throw new RoundException(
          "cannot use %s: %s; name another folder with --out"
              .formatted(folder, FileErrors.reason(e, folder)),
          e);
    }
  }

  /**
   * Keeps other processes out of a folder, new or kept by an earlier process, until the result is
   * closed.
   *
   * @throws RoundException where the folder is something else's, or another process is at work
   */
  static FileChannel lock(Path folder) {
    Path file = folder.resolve(".round.lock");
    if (!Files.exists(file)) {
      requireEmpty(folder);
    }
    try {
      return FileGuard.take(file)
          .orElseThrow(
              () ->
                  new RoundException(
                      "another command is at work in %s; wait for its end, or name another folder with --out"
                          .formatted(folder)));
    } catch (IOException e) {
      throw new RoundException(
          "cannot work in %s: %s; name another folder with --out"
              .formatted(folder, FileErrors.reason(e, file)),
          e);
    }
  }

  /** Copies a file, or a folder of files. */
  static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to.toAbsolutePath().getParent());
      Files.copy(from, to);
      if (Files.isDirectory(from)) {
        try (var entries = Files.list(from)) {
          entries.forEach(entry -> copy(entry, to.resolve(entry.getFileName())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot copy " + from + " to " + to, e);
    }
  }

  /** Deletes a folder with all that is in it, if it is there; links are not followed. */
  static void delete(Path folder) {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  /** Puts all files of a folder on the disk, so that a power cut leaves them whole. */
  static void force(Path folder) {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.toList()) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
          channel.force(true);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot put " + folder + " on the disk", e);
    }
  }

  /** Puts a folder that is complete in the place of another one. */
  static void replace(Path made, Path folder) {
    delete(folder);
    try {
      Files.move(made, folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot move " + made + " to " + folder, e);
    }
  }

  /** Makes a link to a file or a folder, if it is not there yet. */
  static void linkAs(Path target, Path link) {
    try {
      Files.createDirectories(link.toAbsolutePath().getParent());
      if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
        Files.createSymbolicLink(link, target.toRealPath());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link " + target + " as " + link, e);
    }
  }

  /** Makes a folder of links to all entries of some folders; one that is there stays. */
  static void link(List<Path> folders, Path to) {
    try {
      Files.createDirectories(to);
      for (Path folder : folders) {
        try (var entries = Files.list(folder)) {
          entries.forEach(entry -> linkAs(entry, to.resolve(entry.getFileName())));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link bags into " + to, e);
    }
  }
}
