package dev.reverie.mcap.rosbag2;

import dev.reverie.mcap.Durable;
import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapRecovery;
import dev.reverie.mcap.McapStatistics;
import dev.reverie.mcap.McapVerifier;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists, checks and recovers a recorded rosbag2 folder of MCAP files. */
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
    List<String> problems = new ArrayList<>();
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      return List.of(folder + " has no .mcap file: it is no bag, or not one stored as MCAP");
    }
    files.forEach(file -> problems.addAll(McapVerifier.problems(file)));
    if (problems.isEmpty()) {
      metadataProblem(folder, files).ifPresent(problems::add);
    }
    return problems;
  }

  private static Optional<String> metadataProblem(Path folder, List<Path> files) {
    try {
      Path metadata = folder.resolve(Rosbag2Metadata.FILE_NAME);
      if (!Files.exists(metadata)) {
        return Optional.of("metadata.yaml is missing; recovery writes it");
      }
      String yaml = Rosbag2Metadata.text(folder);
      return new HashSet<>(files).containsAll(Rosbag2Files.listed(folder, yaml))
              && metadata(folder, files).agrees(yaml)
          ? Optional.empty()
          : Optional.of("metadata.yaml does not say what the files hold; recovery writes it anew");
    } catch (CharacterCodingException e) {
      return Optional.of("metadata.yaml is not text; recovery writes it anew");
    } catch (IOException e) {
      return Optional.of("cannot read metadata.yaml: " + e);
    }
  }

  /**
   * Makes a bag whole: files that are cut off or damaged are replaced by what is readable of them
   * (the damaged file stays beside with {@value #DAMAGED_SUFFIX} after its name), and metadata.yaml
   * is written anew. Whole bags stay as they are.
   *
   * @return what was lost or done, empty for a whole bag
   * @throws McapException where the bag is recorded at this moment or cannot be made whole
   */
  public static List<String> recover(Path folder) {
    if (files(folder).isEmpty()) {
      throw new McapException(folder + " has no .mcap file to recover", 0);
    }
    if (problems(folder).isEmpty()) {
      return List.of(); // also where nothing may be written
    }
    List<String> done = new ArrayList<>();
    try (BagLock _ = BagLock.take(folder, BagLock.PATIENCE)) {
      List<Path> files = files(folder);
      for (Path file : files) {
        if (!McapVerifier.problems(file).isEmpty()) {
          done.addAll(recoverFile(file));
        }
      }
      if (metadataProblem(folder, files).isPresent()) {
        Path metadata = folder.resolve(Rosbag2Metadata.FILE_NAME);
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

  private static List<String> recoverFile(Path file) throws IOException {
    Path temporary = Durable.temporary(file);
    Files.deleteIfExists(temporary);
    McapRecovery recovery;
    Path kept;
    try {
      recovery = McapRecovery.recover(file, temporary, McapOptions.ROS2);
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
        "%s: %d messages recovered; the damaged file stays as %s"
            .formatted(file.getFileName(), recovery.messages(), kept.getFileName()));
    recovery.damages().forEach(damage -> done.add("lost: " + damage.getMessage()));
    if (recovery.moreDamages() > 0) {
      done.add("lost: %d more records".formatted(recovery.moreDamages()));
    }
    return done;
  }

  /** Gives the file a second name, which it keeps when another takes its place. */
  private static Path keep(Path file) throws IOException {
    Path kept = file.resolveSibling(file.getFileName() + DAMAGED_SUFFIX);
    for (int n = 2; Files.exists(kept); n++) {
      kept = file.resolveSibling(file.getFileName() + DAMAGED_SUFFIX + n);
    }
    try {
      Files.createLink(kept, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      Files.copy(file, kept); // a file system without links, such as a memory stick's
    }
    return kept;
  }

  static Rosbag2Metadata metadata(Path folder, List<Path> files) {
    Rosbag2Metadata metadata = new Rosbag2Metadata(Rosbag2Metadata.rosDistro(folder));
    for (Path file : files) {
      try (McapReader reader = McapReader.open(file)) {
        McapStatistics statistics =
            reader
                .statistics()
                .orElseThrow(
                    () -> new McapException(file + " has no statistics; recover it first", 0));
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
