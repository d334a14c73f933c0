package dev.reverie.mcap;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds the end of a finished file: its content and the places of it. */
record McapSummary(
    List<McapSchema> schemas,
    List<McapChannel> channels,
    List<ChunkIndex> chunks,
    List<AttachmentIndex> attachments,
    List<MetadataIndex> metadata,
    @Nullable McapStatistics statisticsOrNull) {
  Optional<McapStatistics> statistics() {
    return Optional.ofNullable(statisticsOrNull);
  }

  /** Returns whether every channel that has messages is described here too, with its schema. */
  boolean tellsChannels() {
    Set<Integer> types = new HashSet<>(Set.of(0));
    schemas.forEach(schema -> types.add(schema.id()));
    Set<Integer> known = new HashSet<>();
    channels.stream()
        .filter(channel -> types.contains(channel.schemaId()))
        .forEach(channel -> known.add(channel.id()));
    return statistics().isPresent()
        ? known.containsAll(statistics().get().channelMessages().keySet())
        : chunks.stream()
            .map(chunk -> chunk.messageIndexOffsets().keySet())
            .allMatch(ids -> !ids.isEmpty() && known.containsAll(ids));
  }
}
