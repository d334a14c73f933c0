package dev.reverie.rollout;

import dev.reverie.mcap.McapChannel;
import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapMetadata;
import dev.reverie.mcap.McapReader;
import dev.reverie.mcap.McapRecovery;
import dev.reverie.mcap.McapSchema;
import dev.reverie.mcap.McapStatistics;
import dev.reverie.msgs.reverie.Command;
import dev.reverie.msgs.reverie.Episode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Topics, counts and times of a bag, from the ends of its files; the messages are read only where
 * an end does not tell.
 *
 * @param topics types by topic
 * @param commands number of messages of this type
 * @param events number of messages of the type Episode
 * @param endNanos last log time
 * @param recordedNanos time of day when it was begun, since 1970; 0 where it does not say
 * @param doubtful number of messages that were recovered out of damaged chunks
 * @param summary empty where there is none that knows of all events
 */
record BagIndex(
    Map<String, String> topics,
    long commands,
    long events,
    long endNanos,
    long recordedNanos,
    long bytes,
    long doubtful,
    Optional<EpisodeSummaryRecord> summary) {
  /**
   * Reads the ends of a bag's files.
   *
   * @throws EpisodeException where a file is damaged
   */
  static BagIndex read(BagFiles files) {
    Map<String, String> topics = new TreeMap<>();
    long commands = 0;
    long events = 0;
    long endNanos = 0;
    long recordedNanos = 0;
    long bytes = 0;
    long doubtful = 0;
    @Nullable EpisodeSummaryRecord summary = null;
    for (Path file : files.files()) {
      try (McapReader reader = McapReader.open(file)) {
        bytes += Files.size(file);
        McapStatistics statistics = statistics(reader);
        endNanos = Math.max(endNanos, statistics.endNanos());
        for (McapChannel channel : reader.channels().values()) {
          String type = reader.schema(channel).map(McapSchema::name).orElse("");
          long messages = statistics.channelMessages().getOrDefault(channel.id(), 0L);
          topics.put(channel.topic(), type);
          commands += type.equals(Command.TYPE.name()) ? messages : 0;
          events += type.equals(Episode.TYPE.name()) ? messages : 0;
        }
        for (McapMetadata record : reader.metadata()) {
          files.checkFormat(record);
          if (record.name().equals(RolloutWriter.FORMAT_RECORD)) {
            recordedNanos = number(record.values().get(RolloutWriter.RECORDED_KEY));
          }
          if (record.name().equals(McapRecovery.DOUBT)) {
            doubtful += number(record.values().get(McapRecovery.DOUBTFUL));
          }
          summary = EpisodeSummaryRecord.of(record).orElse(summary);
        }
      } catch (McapException e) {
        throw files.damaged(e);
      } catch (IOException e) {
        throw new EpisodeException(file + " cannot be read: " + e, e);
      }
    }
    long told = events;
    return new BagIndex(
        topics,
        commands,
        events,
        endNanos,
        recordedNanos,
        bytes,
        doubtful,
        Optional.ofNullable(summary).filter(n -> n.events() == told));
  }

  private static McapStatistics statistics(McapReader reader) {
    if (reader.summaryDamage().isPresent()) {
      throw reader.summaryDamage().get();
    }
    return reader.count();
  }

  private static long number(@Nullable String text) {
    try {
      return text == null ? 0 : Math.max(0, Long.parseLong(text));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
