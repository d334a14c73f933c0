package dev.reverie.mcap;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What can be done with a rosbag2 folder of MCAP files that has been recorded. */
public final class Rosbag2 {
  /** Ending of the name that a damaged file keeps beside the recovered one. */
  public static final String DAMAGED_SUFFIX = ".damaged";

  private static final Pattern NUMBER = Pattern.compile("_(\\d+)\\.mcap$");

  private Rosbag2() {}

  /** The MCAP files of a bag in the order in which they were recorded. */
  public static List<Path> files(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(file -> file.getFileName().toString().endsWith(".mcap"))
          .sorted(Comparator.comparingLong(Rosbag2::number).thenComparing(Path::getFileName))
          .toList();
    } catch (IOException e) {
      throw new McapException("cannot read the folder " + folder + ": " + e, 0, e);
    }
  }

  /** What is wrong with the bag, in clear words; empty where all is well. Reads every byte. */
  public static List<String> problems(Path folder) {
    List<String> problems = new ArrayList<>();
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      return List.of(folder + " has no .mcap file: it is no bag, or not one stored as MCAP");
    }
    files.forEach(file -> problems.addAll(McapVerifier.problems(file)));
    if (problems.isEmpty()) {
      try {
        Path metadata = folder.resolve(Rosbag2Metadata.FILE_NAME);
        if (!Files.exists(metadata)) {
          problems.add("metadata.yaml is missing; recovery writes it");
        } else if (!metadata(folder, files).agrees(Files.readString(metadata))) {
          problems.add("metadata.yaml does not say what the files hold; recovery writes it anew");
        }
      } catch (IOException e) {
        problems.add("cannot read metadata.yaml: " + e);
      }
    }
    return problems;
  }

  /**
   * Makes a bag whole: files that are cut off or damaged are replaced by what is readable of them
   * (the damaged file stays beside with {@value #DAMAGED_SUFFIX} after its name), and metadata.yaml
   * is written anew. Whole bags stay as they are.
   *
   * @return what was lost or done, empty for a whole bag
   * @throws McapException where the bag cannot be made whole
   */
  public static List<String> recover(Path folder) {
    List<String> done = new ArrayList<>();
    List<Path> files = files(folder);
    if (files.isEmpty()) {
      throw new McapException(folder + " has no .mcap file to recover", 0);
    }
    try {
      for (Path file : files) {
        if (!McapVerifier.problems(file).isEmpty()) {
          done.addAll(recoverFile(file));
        }
      }
      if (!problems(folder).isEmpty()) {
        Durable.write(folder.resolve(Rosbag2Metadata.FILE_NAME), metadata(folder, files).yaml());
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

  /**
   * Adds a message to a finished bag; a topic that is there already keeps its channel. A crash
   * leaves the file either as it was or with the message.
   *
   * @param file of the bag, the last one
   */
  public static void append(
      Path file, Rosbag2Topic topic, long logNanos, long publishNanos, MemorySegment cdr) {
    McapAppender.append(
        file,
        McapOptions.ROS2,
        writer -> {
          int channel = -1;
          for (McapChannel known : writer.channels()) {
            if (known.topic().equals(topic.name())) {
              String type = writer.typeNames().getOrDefault(known.schemaId(), "");
              if (!type.equals(topic.type())) {
                throw new McapException(
                    "%s has %s as %s; it cannot be %s too"
                        .formatted(file, topic.name(), type, topic.type()),
                    0);
              }
              channel = known.id();
            }
          }
          if (channel < 0) {
            byte[] definition = topic.definition().getBytes(StandardCharsets.UTF_8);
            channel =
                writer.addChannel(
                    writer.addSchema(topic.type(), "ros2msg", definition),
                    topic.name(),
                    "cdr",
                    topic.channelMetadata());
          }
          writer.write(channel, 0, logNanos, publishNanos, cdr);
        });
    refreshMetadata(Durable.folderOf(file));
  }

  private static void refreshMetadata(Path folder) {
    try {
      Durable.write(
          folder.resolve(Rosbag2Metadata.FILE_NAME), metadata(folder, files(folder)).yaml());
    } catch (IOException e) {
      throw new McapException("cannot write the metadata.yaml of " + folder + ": " + e, 0, e);
    }
  }

  private static List<String> recoverFile(Path file) throws IOException {
    Path temporary = Durable.temporary(file);
    Files.deleteIfExists(temporary);
    McapRecovery recovery;
    try {
      recovery = McapRecovery.recover(file, temporary, McapOptions.ROS2);
      List<String> problems = McapVerifier.problems(temporary);
      if (!problems.isEmpty()) {
        throw new McapException(
            "the recovered %s is not whole: %s".formatted(file, String.join("; ", problems)), 0);
      }
      Path kept = file.resolveSibling(file.getFileName() + DAMAGED_SUFFIX);
      if (!Files.exists(kept)) {
        Files.createLink(kept, file);
      }
      Durable.replace(temporary, file);
    } finally {
      Files.deleteIfExists(temporary);
    }
    List<String> done = new ArrayList<>();
    done.add(
        "%s: %d messages recovered; the damaged file stays as %s"
            .formatted(
                file.getFileName(), recovery.messages(), file.getFileName() + DAMAGED_SUFFIX));
    recovery.damages().forEach(damage -> done.add("lost: " + damage.getMessage()));
    return done;
  }

  private static Rosbag2Metadata metadata(Path folder, List<Path> files) {
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

  private static long number(Path file) {
    Matcher matcher = NUMBER.matcher(file.getFileName().toString());
    try {
      return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
