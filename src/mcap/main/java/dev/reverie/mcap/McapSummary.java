package dev.reverie.mcap;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The end of a finished file: what it holds and where. */
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
}
