package dev.reverie.mcap.rosbag2;

import com.github.luben.zstd.ZstdInputStream;
import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds the MCAP files of a rosbag2 folder in the order in which they were recorded: as
 * metadata.yaml lists them where it lists just those that are there, otherwise by the number in
 * their name. After a crash it may lack the last ones, so what is in the folder counts.
 */
final class Rosbag2Files {
  private static final Pattern NUMBER = Pattern.compile("_(\\d+)\\.mcap$");
  private static final Pattern STORAGE = scalar("storage_identifier");
  private static final Pattern COMPRESSION = scalar("compression_mode");
  private static final Pattern FORMAT = scalar("compression_format");
  private static final String COMPRESSED = ".zstd";
  private static final String SQLITE = ".db3";
  private static final Pattern LIST = Pattern.compile("(?m)^  relative_file_paths:\\s*$");

  private Rosbag2Files() {}

  private static Pattern scalar(String key) {
    return Pattern.compile("(?m)^  %s: *[\"']?([\\w.]*)[\"']?\\s*$".formatted(key));
  }

  /**
   * Returns the files of a bag.
   *
   * @throws McapException where the folder cannot be read, or its messages are not stored as MCAP
   */
  static List<Path> of(Path folder) {
    if (Files.isRegularFile(folder)) { // one file alone
      String name = folder.getFileName().toString();
      if (name.endsWith(SQLITE)) {
        throw otherStorage(folder, "sqlite3");
      }
      if (name.endsWith(COMPRESSED)) {
        throw compressedAsWhole(folder, "zstd");
      }
      return List.of(folder);
    }
    try {
      String yaml = metadata(folder);
      refuseCompressed(folder, yaml);
      List<Path> files = mcapFiles(folder);
      if (files.isEmpty() && !ending(folder, COMPRESSED).isEmpty()) {
        throw compressedAsWhole(folder, "zstd");
      }
      String storage =
          yaml.isEmpty() && !ending(folder, SQLITE).isEmpty() ? "sqlite3" : value(STORAGE, yaml);
      if (files.isEmpty() && !storage.isEmpty() && !storage.equals("mcap")) {
        throw otherStorage(folder, storage);
      }
      List<Path> listed = listed(folder, yaml);
      return new HashSet<>(listed).equals(new HashSet<>(files)) ? listed : files;
    } catch (IOException e) {
      throw new McapException("cannot read the folder " + folder + ": " + e, 0, e);
    }
  }

  /**
   * Returns the text of a bag's metadata.yaml; empty where there is none, or a folder of its name.
   */
  static String metadata(Path folder) throws IOException {
    if (Rosbag2Metadata.isFolder(folder)) {
      return "";
    }
    try {
      // Whatever its bytes are: a damaged one is as good as none.
      return new String(Rosbag2Metadata.bytes(folder), StandardCharsets.UTF_8);
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  private static void refuseCompressed(Path folder, String yaml) {
    String mode = value(COMPRESSION, yaml);
    if (mode.isEmpty() || mode.equalsIgnoreCase("none")) {
      return;
    }
    String format = value(FORMAT, yaml);
    if (mode.equalsIgnoreCase("file")) {
      throw compressedAsWhole(folder, format);
    }
    throw new McapException(
        "the messages of %s are compressed one by one by rosbag2 (compression_mode %s, %s), and only compression of MCAP's chunks is read; use ros2 bag convert with storage_preset_profile zstd_fast"
            .formatted(folder, mode, format),
        0);
  }

  private static McapException otherStorage(Path bag, String storage) {
    return new McapException(
        "%s is stored as '%s', and only MCAP is read; convert it: ros2 bag convert with storage_id mcap, or rosbags-convert --dst-storage mcap"
            .formatted(bag, storage),
        0);
  }

  private static McapException compressedAsWhole(Path folder, String format) {
    return new McapException(
        "the files of %s are compressed by rosbag2 as a whole (%s), which rules out reading parts of them; reverie rollouts recover decompresses them (as do %s -d and ros2 bag convert)"
            .formatted(folder, format, format),
        0);
  }

  /**
   * Decompresses the files that rosbag2 compressed as a whole, which stay beside, and has
   * metadata.yaml say so.
   *
   * @return what was done
   */
  static List<String> decompress(Path folder) throws IOException {
    List<String> done = new ArrayList<>();
    for (Path packed : ending(folder, COMPRESSED)) {
      String name = packed.getFileName().toString();
      Path file = packed.resolveSibling(name.substring(0, name.lastIndexOf('.')));
      if (Files.exists(file)) {
        continue;
      }
      Path temporary = Durable.temporary(file);
      try (InputStream in =
          new ZstdInputStream(Files.newInputStream(packed)).setContinuous(true)) { // or cut off
        Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        Durable.replace(temporary, file);
      } finally {
        Files.deleteIfExists(temporary);
      }
      done.add("%s was decompressed; it stays beside".formatted(name));
    }
    String yaml = metadata(folder);
    String plain =
        COMPRESSION
            .matcher(yaml)
            .replaceFirst("  compression_mode: \"\"")
            .replace(".mcap" + COMPRESSED, ".mcap");
    if (!done.isEmpty() && !plain.equals(yaml)) {
      Durable.write(folder.resolve(Rosbag2Metadata.FILE_NAME), plain);
    }
    return done;
  }

  private static String value(Pattern pattern, String yaml) {
    Matcher matcher = pattern.matcher(yaml);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static List<Path> mcapFiles(Path folder) throws IOException {
    return ending(folder, ".mcap");
  }

  private static List<Path> ending(Path folder, String ending) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().endsWith(ending))
          .filter(file -> !file.getFileName().toString().startsWith("."))
          .filter(file -> !Files.isDirectory(file)) // ros2 bag record -o run.mcap makes such
          .sorted(Comparator.comparingLong(Rosbag2Files::number).thenComparing(Path::getFileName))
          .toList();
    }
  }

  /** Returns the files that a metadata.yaml lists, as far as they are named by plain names. */
  static List<Path> listed(Path folder, String yaml) {
    List<Path> files = new ArrayList<>();
    Matcher list = LIST.matcher(yaml);
    if (list.find()) {
      yaml.substring(list.end())
          .lines()
          .map(String::strip)
          .dropWhile(String::isEmpty)
          .takeWhile(line -> line.startsWith("- "))
          .map(line -> line.replaceFirst("^- *", "").replaceAll("^[\"']|[\"']$", ""))
          .filter(name -> !name.isEmpty() && !name.contains("/") && name.indexOf(0) < 0)
          .forEach(name -> files.add(folder.resolve(name)));
    }
    return files;
  }

  private static long number(Path file) {
    Matcher matcher = NUMBER.matcher(file.getFileName().toString());
    try {
      return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
