package dev.reverie.rollout;

import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapSchema;
import dev.reverie.mcap.McapStatistics;
import dev.reverie.mcap.Rosbag2;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import dev.reverie.msgs.std_msgs.Header;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What can be done with recorded episodes. */
public final class Rollouts {
  private static final int MAX_DEPTH = 8;

  private Rollouts() {}

  /**
   * The bags in a folder and in the folders below it, by path; the folder itself where it is a bag.
   *
   * @throws EpisodeException where there is no such folder
   */
  public static List<Path> bags(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new EpisodeException("there is no folder " + folder + "; give one with rollouts in it");
    }
    List<Path> bags = new ArrayList<>();
    find(folder, 0, bags);
    return bags;
  }

  private static void find(Path folder, int depth, List<Path> bags) {
    List<Path> folders = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted(Comparator.naturalOrder())::iterator) {
        String name = entry.getFileName().toString();
        if (name.endsWith(".mcap") || name.equals("metadata.yaml")) {
          bags.add(folder);
          return;
        }
        if (!name.startsWith(".") && Files.isDirectory(entry)) {
          folders.add(entry);
        }
      }
    } catch (IOException e) {
      throw new EpisodeException("cannot read the folder " + folder + ": " + e, e);
    }
    if (depth < MAX_DEPTH) {
      folders.forEach(below -> find(below, depth + 1, bags));
    }
  }

  /** One line for each bag in the folder, damaged ones included. */
  public static List<RolloutSummary> list(Path folder) {
    return bags(folder).stream().map(Rollouts::summary).toList();
  }

  /** What the bag tells about its episode, or why it does not. */
  public static RolloutSummary summary(Path bag) {
    long bytes = 0;
    try {
      BagFiles files = new BagFiles(bag);
      long commands = 0;
      long endNanos = 0;
      for (Path file : files.files()) {
        bytes += Files.size(file);
        try (McapReader reader = McapReader.open(file)) {
          McapStatistics statistics = statistics(reader, file);
          endNanos = Math.max(endNanos, statistics.endNanos());
          for (McapChannel channel : reader.channels().values()) {
            String type = reader.schema(channel).map(McapSchema::name).orElse("");
            if (type.equals(Command.TYPE.name())) {
              commands += statistics.channelMessages().getOrDefault(channel.id(), 0L);
            }
          }
        } catch (McapException e) {
          throw files.damaged(e);
        }
      }
      EpisodeEvents events = EpisodeEvents.read(files, files.topics());
      Episode first = events.first();
      return new RolloutSummary(
          first.episodeId(),
          bag,
          first.instruction(),
          first.source(),
          first.policyId(),
          first.temperature(),
          first.seed(),
          events.outcome(),
          events.firstLogNanos(),
          (endNanos - events.firstLogNanos()) * 1e-9,
          commands,
          bytes,
          "");
    } catch (EpisodeException e) {
      return RolloutSummary.broken(bag, bytes, message(e));
    } catch (IOException e) {
      return RolloutSummary.broken(bag, bytes, bag + " cannot be read: " + e);
    }
  }

  private static McapStatistics statistics(McapReader reader, Path file) {
    return reader
        .statistics()
        .orElseThrow(
            () ->
                reader
                    .summaryDamage()
                    .orElseGet(() -> new McapException(file + " has no statistics", 0)));
  }

  /**
   * Says how an episode went; the last word holds. The word is appended to the bag, with the stamp
   * of the outcome told before.
   *
   * @param labeller who says so
   * @param reason in words; may be empty
   * @throws EpisodeException where the bag is not a whole episode
   */
  public static void label(Path bag, EpisodeOutcome.Kind kind, String labeller, String reason) {
    if (labeller.isBlank()) {
      throw new IllegalArgumentException("a label needs the name of who gives it");
    }
    BagFiles files = new BagFiles(bag);
    EpisodeEvents events = EpisodeEvents.read(files, files.topics());
    var outcome = new EpisodeOutcome(kind, events.outcome().stampNanos(), labeller, reason);
    Instant now = Instant.now();
    long nowNanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    Episode labelled =
        events
            .first()
            .withHeader(new Header(Stamps.time(nowNanos), ""))
            .withEvent(Episode.LABELLED)
            .withOutcome(outcome.message())
            .withConfiguration("");
    // At the bag's end: the time of day may be far from the recorder's clock, and players would
    // show the years between.
    RolloutWriter.append(
        bag,
        events.topic(),
        Episode.TYPE.name(),
        Episode.TYPE.definition(),
        endNanos(files),
        nowNanos,
        Episode.TYPE.encode(labelled));
  }

  private static long endNanos(BagFiles files) {
    Path file = files.files().getLast();
    try (McapReader reader = McapReader.open(file)) {
      return statistics(reader, file).endNanos();
    } catch (McapException e) {
      throw files.damaged(e);
    }
  }

  /** What is wrong with the bag, in clear words; empty where every byte of it is well. */
  public static List<String> verify(Path bag) {
    try {
      List<String> problems = Rosbag2.problems(bag);
      if (!problems.isEmpty()) {
        return problems;
      }
      dev.reverie.rollout.Episode.read(bag);
      return List.of();
    } catch (EpisodeException | McapException e) {
      return List.of(message(e));
    }
  }

  /**
   * Makes a bag whole again, as far as it can be read.
   *
   * @return what was done and what was lost; empty where the bag was whole
   * @throws EpisodeException where it cannot be made whole
   */
  public static List<String> recover(Path bag) {
    try {
      return Rosbag2.recover(bag);
    } catch (McapException e) {
      throw new EpisodeException("%s cannot be recovered: %s".formatted(bag, e.getMessage()), e);
    }
  }

  private static String message(RuntimeException e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString());
  }
}
