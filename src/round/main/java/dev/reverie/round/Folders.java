package dev.reverie.round;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Makes, copies and links folders of bags and models. */
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
      throw new UncheckedIOException("cannot use " + folder, e);
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

  /** Makes a folder of links to all entries of some folders. */
  static void link(List<Path> folders, Path to) {
    try {
      Files.createDirectories(to);
      for (Path folder : folders) {
        try (var entries = Files.list(folder)) {
          for (Path entry : entries.toList()) {
            Files.createSymbolicLink(to.resolve(entry.getFileName()), entry.toRealPath());
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link bags into " + to, e);
    }
  }
}
