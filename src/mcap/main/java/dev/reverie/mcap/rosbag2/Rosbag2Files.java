package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.McapException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
    try {
      String yaml = metadata(folder);
      refuseCompressed(folder, yaml);
      List<Path> files = mcapFiles(folder);
      String storage = value(STORAGE, yaml);
      if (files.isEmpty() && !storage.isEmpty() && !storage.equals("mcap")) {
        throw new McapException(
            "%s is stored as '%s', and only MCAP is read; convert it: ros2 bag convert, or rosbags-convert --dst-storage mcap"
                .formatted(folder, storage),
            0);
      }
      List<Path> listed = listed(folder, yaml);
      return new HashSet<>(listed).equals(new HashSet<>(files)) ? listed : files;
    } catch (IOException e) {
      throw new McapException("cannot read the folder " + folder + ": " + e, 0, e);
    }
  }

  private static String metadata(Path folder) throws IOException {
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
    throw new McapException(
        mode.equalsIgnoreCase("file")
            ? "the files of %s are compressed by rosbag2 as a whole (%s), which rules out reading parts of them; decompress them (%s -d) and set compression_mode to \"\" in its metadata.yaml, or use ros2 bag convert"
                .formatted(folder, format, format)
            : "the messages of %s are compressed one by one by rosbag2 (compression_mode %s, %s), and only compression of MCAP's chunks is read; use ros2 bag convert with storage_preset_profile zstd_fast"
                .formatted(folder, mode, format),
        0);
  }

  private static String value(Pattern pattern, String yaml) {
    Matcher matcher = pattern.matcher(yaml);
    return matcher.find() ? matcher.group(1) : "";
  }

  private static List<Path> mcapFiles(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().endsWith(".mcap"))
          .filter(file -> !file.getFileName().toString().startsWith("."))
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
