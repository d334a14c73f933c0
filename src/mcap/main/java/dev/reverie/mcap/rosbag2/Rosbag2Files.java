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

  /** Endings of files that are compressed as a whole: by rosbag2, and by the program zstd. */
  private static final List<String> COMPRESSED = List.of(".mcap.zstd", ".mcap.zst");

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
      if (COMPRESSED.stream().anyMatch(name::endsWith)) {
        throw compressedAsWhole(folder, "zstd");
      }
      return List.of(folder);
    }
    try {
      String yaml = metadata(folder);
      List<Path> files = mcapFiles(folder);
      refuseCompressed(folder, yaml, files);
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

  /** Refuses what is compressed, but for files that stand beside decompressed. */
  private static void refuseCompressed(Path folder, String yaml, List<Path> files)
      throws IOException {
    String mode = value(COMPRESSION, yaml);
    String format = value(FORMAT, yaml);
    boolean asWhole = mode.equalsIgnoreCase("file");
    if ((asWhole || files.isEmpty()) && !packed(folder).isEmpty()) {
      throw compressedAsWhole(folder, "zstd");
    }
    if (asWhole && files.isEmpty() && !format.equals("zstd")) {
      throw compressedAsWhole(folder, format);
    }
    if (!asWhole && !mode.isEmpty() && !mode.equalsIgnoreCase("none")) {
      throw new McapException(
          "the messages of %s are compressed one by one by rosbag2 (compression_mode %s, %s), and only compression of MCAP's chunks is read; use ros2 bag convert with storage_preset_profile zstd_fast"
              .formatted(folder, mode, format),
          0);
    }
  }

  private static McapException otherStorage(Path bag, String storage) {
    return new McapException(
        "%s is stored as '%s', and only MCAP is read; convert it: ros2 bag convert with storage_id mcap, or rosbags-convert --dst-storage mcap"
            .formatted(bag, storage),
        0);
  }

  private static McapException compressedAsWhole(Path folder, String format) {
    return new McapException(
        "the files of %s are compressed as a whole (%s), which rules out reading parts of them; %s"
            .formatted(
                folder,
                format,
                format.equals("zstd")
                    ? "reverie rollouts recover decompresses them (as do zstd -d and ros2 bag"
                        + " convert)"
                    : "decompress them, by ros2 bag convert"),
        0);
  }

  /**
   * Decompresses the files that are compressed as a whole, which stay beside, and has metadata.yaml
   * say so.
   *
   * @return what was done
   */
  static List<String> decompress(Path folder) throws IOException {
    List<String> done = new ArrayList<>();
    for (Path packed : packed(folder)) {
      Path file = unpacked(packed);
      Path temporary = Durable.temporary(file);
      try (InputStream in =
          new ZstdInputStream(Files.newInputStream(packed)).setContinuous(true)) { // or cut off
        Files.copy(in, temporary, StandardCopyOption.REPLACE_EXISTING);
        Durable.replace(temporary, file);
      } finally {
        Files.deleteIfExists(temporary);
      }
      done.add("%s was decompressed; it stays beside".formatted(packed.getFileName()));
    }
    String yaml = metadata(folder);
    if (!done.isEmpty() || (saysCompressed(yaml) && !mcapFiles(folder).isEmpty())) {
      String mode =
          saysCompressed(yaml)
              ? COMPRESSION.matcher(yaml).replaceFirst("  compression_mode: \"\"")
              : yaml;
      String plain = mode.replaceAll("\\.mcap\\.zstd?\\b", ".mcap");
      if (!plain.equals(yaml)) {
        Durable.write(folder.resolve(Rosbag2Metadata.FILE_NAME), plain);
        done.add("metadata.yaml says that its files are not compressed");
      }
    }
    return done;
  }

  /** Returns whether a metadata.yaml says that its files are compressed as a whole. */
  static boolean saysCompressed(String yaml) {
    return value(COMPRESSION, yaml).equalsIgnoreCase("file");
  }

  /** Returns whether a metadata.yaml says that its files are of another storage than MCAP. */
  static boolean saysOtherStorage(String yaml) {
    return STORAGE.matcher(yaml).find() && !value(STORAGE, yaml).equals("mcap");
  }

  /** Compressed files that do not stand beside decompressed. */
  private static List<Path> packed(Path folder) throws IOException {
    List<Path> packed = new ArrayList<>();
    for (String ending : COMPRESSED) {
      packed.addAll(ending(folder, ending));
    }
    packed.removeIf(file -> Files.exists(unpacked(file)));
    return packed;
  }

  private static Path unpacked(Path packed) {
    String name = packed.getFileName().toString();
    return packed.resolveSibling(name.substring(0, name.lastIndexOf('.')));
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
