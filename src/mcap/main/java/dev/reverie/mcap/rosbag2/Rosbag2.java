package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapRecovery;
import dev.reverie.mcap.McapRecovery.Check;
import dev.reverie.mcap.McapStatistics;
import dev.reverie.mcap.McapVerifier;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Lists, checks and recovers a recorded rosbag2 folder of MCAP files, or one such file alone. */
public final class Rosbag2 {
  /** The ending of the name that a damaged file keeps beside the recovered one. */
  public static final String DAMAGED_SUFFIX = ".damaged";

  private Rosbag2() {}

  /**
   * Returns the MCAP files of a bag in the order in which they were recorded.
   *
   * @throws McapException where the folder cannot be read, or its messages are not stored as MCAP
   */
  public static List<Path> files(Path folder) {
    return Rosbag2Files.of(folder);
  }

  /**
   * Tells what is wrong with the bag, in clear words; empty where all is well. Reads every byte.
   */
  public static List<String> problems(Path folder) {
    return check(folder).problems();
  }

  /** Tells what is wrong with the bag, and what other readers miss in it. Reads every byte. */
  public static McapVerifier.Report check(Path folder) {
    List<String> problems = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      problems.add(noFile(folder));
    }
    for (Path file : files) {
      McapVerifier.Report report = checkFile(file);
      problems.addAll(report.problems());
      report.notes().forEach(note -> notes.add(file.getFileName() + ": " + note));
    }
    if (problems.isEmpty()) {
      if (lacksMetadata(folder)) {
        notes.add("metadata.yaml is missing, which other readers need; recovery writes it");
      } else {
        metadataProblem(folder, files).ifPresent(problems::add);
      }
    }
    return new McapVerifier.Report(problems, notes);
  }

  private static McapVerifier.Report checkFile(Path file) {
    McapVerifier.Report report = McapVerifier.check(file);
    if (!report.problems().isEmpty()) {
      return report;
    }
    List<String> notes = new ArrayList<>(report.notes());
    try (McapReader reader = McapReader.open(file)) {
      if (reader.profile().isEmpty()) {
        notes.add("it names no profile, and other readers ask for 'ros2'; recovery writes that");
      }
    }
    return new McapVerifier.Report(List.of(), notes);
  }

  /**
   * Tells whether a bag is being recorded, or changed by a label or a recovery, at this moment.
   * Only what is recorded by {@link Rosbag2Writer} can be known to be: what others record, and what
   * is on a file system without locks, is not.
   */
  public static boolean isBeingWritten(Path folder) {
    return BagLock.isHeld(folder);
  }

  /** Says that a folder has no recording, and what in it only looks like one. */
  public static String noFile(Path folder) {
    String none = folder + " has no .mcap file: it is no bag, or not one stored as MCAP";
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .sorted()
          .flatMap(entry -> looksLikeOne(entry).stream())
          .findFirst()
          .map(told -> none + "; " + told)
          .orElse(none);
    } catch (IOException e) {
      return none;
    }
  }

  /** Says what else an entry of a folder is than a recording, though it looks like one. */
  private static Optional<String> looksLikeOne(Path entry) {
    String name = entry.getFileName().toString();
    if (Files.isDirectory(entry)) {
      return name.endsWith(".mcap")
          ? Optional.of("'%s' is a folder: give that".formatted(entry))
          : Optional.empty();
    }
    if (name.endsWith(".bag")) {
      return Optional.of("'%s' is of ROS 1: convert it, by rosbags-convert".formatted(name));
    }
    return name.toLowerCase(Locale.ROOT).contains(".mcap")
        ? Optional.of(
            "'%s' may be one: decompress it, or give it a name that ends in .mcap".formatted(name))
        : Optional.empty();
  }

  private static boolean lacksMetadata(Path folder) {
    return Files.isDirectory(folder) && !Files.exists(folder.resolve(Rosbag2Metadata.FILE_NAME));
  }

  private static Optional<String> metadataProblem(Path folder, List<Path> files) {
    if (Files.isRegularFile(folder)) {
      return Optional.empty();
    }
    if (Rosbag2Metadata.isFolder(folder)) {
      return Optional.of(
          "metadata.yaml is a folder; recovery renames it and writes the file that belongs there");
    }
    try {
      String yaml = Rosbag2Metadata.text(folder);
      if (Rosbag2Files.saysCompressed(yaml) || Rosbag2Files.saysOtherStorage(yaml)) {
        return Optional.of(
            "metadata.yaml says that the files are compressed or no MCAP, and they are plain MCAP;"
                + " recovery writes it anew");
      }
      List<Path> gone = gone(folder, files);
      if (!gone.isEmpty()) {
        return Optional.of(
            "metadata.yaml lists %s, which are not there; bring them back, or have recovery leave them out"
                .formatted(gone.stream().map(Path::getFileName).toList()));
      }
      return metadata(folder, files).agrees(yaml)
          ? Optional.empty()
          : Optional.of("metadata.yaml does not say what the files hold; recovery writes it anew");
    } catch (CharacterCodingException e) {
      return Optional.of("metadata.yaml is not text; recovery writes it anew");
    } catch (IOException e) {
      return Optional.of("cannot read metadata.yaml: " + e);
    }
  }

  /**
   * Makes a bag whole: files that are cut off, damaged or without an index are replaced by what is
   * readable of them, by log time (the file as it was stays beside with {@value #DAMAGED_SUFFIX}
   * after its name), and metadata.yaml is written anew. Files that rosbag2 compressed as a whole
   * are decompressed. Whole bags stay as they are.
   *
   * @return what was lost or done, empty for a whole bag
   * @throws McapException where the bag is recorded at this moment or cannot be made whole
   */
  public static List<String> recover(Path folder) {
    return recover(folder, Check.ALL);
  }

  /**
   * Makes a bag whole, as {@link #recover(Path)}.
   *
   * @param doubtful asked about each message out of a damaged chunk; those that are not sound are
   *     lost
   */
  public static List<String> recover(Path folder, Check doubtful) {
    List<String> done = new ArrayList<>(decompress(folder));
    if (files(folder).isEmpty()) {
      throw new McapException(noFile(folder), 0);
    }
    McapVerifier.Report before = check(folder);
    if (before.problems().isEmpty() && before.notes().isEmpty()) {
      return done; // also where nothing may be written
    }
    try (BagLock _ = BagLock.take(folder, BagLock.PATIENCE)) {
      List<Path> files = files(folder);
      gone(folder, files)
          .forEach(file -> done.add("lost: %s, which is not there".formatted(file.getFileName())));
      for (Path file : files) {
        McapVerifier.Report report = checkFile(file);
        if (!report.problems().isEmpty() || !report.notes().isEmpty()) {
          done.addAll(recoverFile(file, doubtful));
        }
      }
      if (lacksMetadata(folder) || metadataProblem(folder, files).isPresent()) {
        Path metadata = folder.resolve(Rosbag2Metadata.FILE_NAME);
        if (Rosbag2Metadata.isFolder(folder)) {
          Path kept = Files.move(metadata, unused(metadata));
          done.add("metadata.yaml was a folder; it stays as " + kept.getFileName());
        }
        Durable.write(metadata, metadata(folder, files).yaml());
        done.add("metadata.yaml was written anew");
      }
    } catch (IOException e) {
      throw new McapException("cannot recover " + folder + ": " + e, 0, e);
    }
    List<String> left = problems(folder);
    if (!left.isEmpty()) {
      throw new McapException(
          "%s is still not whole: %s".formatted(folder, String.join("; ", left)), 0);
    }
    return done;
  }

  private static List<String> decompress(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try {
      return Rosbag2Files.decompress(folder);
    } catch (IOException e) {
      throw new McapException("cannot decompress the files of " + folder + ": " + e, 0, e);
    }
  }

  /** Returns the files that metadata.yaml lists and that are not there. */
  private static List<Path> gone(Path folder, List<Path> files) throws IOException {
    if (!Files.isDirectory(folder) || lacksMetadata(folder)) {
      return List.of();
    }
    List<Path> gone = new ArrayList<>(Rosbag2Files.listed(folder, Rosbag2Files.metadata(folder)));
    gone.removeIf(files::contains);
    return gone.stream().distinct().toList();
  }

  private static List<String> recoverFile(Path file, Check doubtful) throws IOException {
    Path temporary = Durable.temporary(file);
    Files.deleteIfExists(temporary);
    McapRecovery recovery;
    Path kept;
    try {
      recovery = McapRecovery.recover(file, temporary, McapOptions.ROS2, doubtful);
      if (recovery.fallen() > 0) {
        sort(temporary);
      }
      List<String> problems = McapVerifier.problems(temporary);
      if (!problems.isEmpty()) {
        throw new McapException(
            "the recovered %s is not whole: %s".formatted(file, String.join("; ", problems)), 0);
      }
      kept = keep(file);
      Durable.replace(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
    List<String> done = new ArrayList<>();
    done.add(
        "%s: %d messages recovered; the file as it was stays as %s"
            .formatted(file.getFileName(), recovery.messages(), kept.getFileName()));
    if (recovery.fallen() > 0) {
      done.add(
          "%s: log times fell back %d times; the messages are sorted by them now"
              .formatted(file.getFileName(), recovery.fallen()));
    }
    if (recovery.retimed() > 0) {
      done.add(
          "%s: %d messages had a time beyond the year 2262; they have their other time now, or that of the message before"
              .formatted(file.getFileName(), recovery.retimed()));
    }
    recovery.damages().forEach(damage -> done.add("lost: " + damage.getMessage()));
    if (recovery.moreDamages() > 0) {
      done.add("lost: %d more records".formatted(recovery.moreDamages()));
    }
    if (recovery.doubtful() > 0) {
      done.add(
          "%s: %d messages are out of damaged chunks: any of them may be another than was recorded"
              .formatted(file.getFileName(), recovery.doubtful()));
    }
    return done;
  }

  private static void sort(Path file) throws IOException {
    Path sorted = file.resolveSibling(file.getFileName() + ".sorted");
    Files.deleteIfExists(sorted);
    try {
      McapRecovery.sort(file, sorted, McapOptions.ROS2);
      Files.move(sorted, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(sorted);
    }
  }

  /** Gives the file a second name, which it keeps when another takes its place. */
  private static Path keep(Path file) throws IOException {
    Path kept = unused(file);
    try {
      Files.createLink(kept, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(file, kept); // a file system without links, such as a memory stick's
    }
    return kept;
  }

  /** Returns the name under which what is damaged stays beside, which nothing has yet. */
  private static Path unused(Path file) {
    Path kept = file.resolveSibling(file.getFileName() + DAMAGED_SUFFIX);
    for (int n = 2; Files.exists(kept); n++) {
      kept = file.resolveSibling(file.getFileName() + DAMAGED_SUFFIX + n);
    }
    return kept;
  }

  static Rosbag2Metadata metadata(Path folder, List<Path> files) {
    Rosbag2Metadata metadata = new Rosbag2Metadata(Rosbag2Metadata.rosDistro(folder));
    for (Path file : files) {
      try (McapReader reader = McapReader.open(file)) {
        McapStatistics statistics = reader.count();
        Map<Integer, String> types = new HashMap<>();
        for (McapChannel channel : reader.channels().values()) {
          reader.schema(channel).ifPresent(schema -> types.put(schema.id(), schema.name()));
        }
        metadata.add(file.getFileName().toString(), statistics, reader.channels().values(), types);
      }
    }
    return metadata;
  }
}
