package dev.reverie.trainer.data;

import dev.reverie.rollout.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The file system's word on a bag's recordings: changes with every change of their bytes.
 *
 * @param files of the bag, by name
 * @param text name, size, inode, time of modification and of change of each file. The last one
 *     can't be set, so that a file whose time of modification was kept is noticed too
 * @param newest of the times
 */
record RecordingStamp(List<Path> files, String text, Instant newest) {
  static RecordingStamp of(Path bag) {
    try (Stream<Path> entries = Files.isDirectory(bag) ? Files.list(bag) : Stream.of(bag)) {
      List<Path> files =
          entries
              .filter(file -> file.toString().endsWith(".mcap") && !Files.isDirectory(file))
              .sorted()
              .toList();
      StringBuilder text = new StringBuilder();
      Instant newest = Instant.EPOCH;
      for (Path file : files) {
        Map<String, Object> seen =
            Files.readAttributes(file, "unix:size,ino,lastModifiedTime,ctime");
        text.append(file.getFileName()).append(' ').append(seen.get("size"));
        text.append(' ').append(seen.get("ino"));
        for (String name : List.of("lastModifiedTime", "ctime")) {
          if (seen.get(name) instanceof FileTime time) {
            text.append(' ').append(time.to(TimeUnit.NANOSECONDS));
            newest = time.toInstant().isAfter(newest) ? time.toInstant() : newest;
          }
        }
        text.append('\n');
      }
      return new RecordingStamp(files, text.toString(), newest);
    } catch (IOException e) {
      throw new UncheckedIOException("it cannot be read: " + e, e);
    }
  }

  /** SHA-256 of the files' bytes, one after the other, hexadecimal. */
  String sha256() {
    try {
      return Sha256.ofFiles(files);
    } catch (IOException e) {
      throw new UncheckedIOException("it cannot be read: " + e, e);
    }
  }
}
