package dev.reverie.trainer.data;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reverie.trainer.nn.DiskTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hashes (SHA-256) of recordings, remembered in a file for as long as their {@link RecordingStamp}
 * stays the same: thousands of bags need not be read again to know them. Any thread.
 *
 * <p>What may go stale: bytes that changed without the file system noticing, as when a disk fails,
 * or whose server keeps no times of change. The stamps are then not asked ({@code --verify-cache}).
 */
final class RecordingHashes {
  /**
   * Two changes within this time may have one stamp (FAT counts by 2 s, most others by some
   * milliseconds), so a file that was changed just now is not remembered.
   */
  private static final Duration COARSEST = Duration.ofSeconds(2);

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  private final Path file;
  private final InstantSource clock;
  private final Map<String, Known> known;
  private final Map<String, Known> found = new ConcurrentHashMap<>();

  /** A hash that is known, by the path of its bag. */
  private record Known(String stamp, String sha256) {}

  /**
   * Begins with the hashes that a file remembers.
   *
   * @param trust whether to use what the file says; it is written in any case
   */
  RecordingHashes(Path file, InstantSource clock, boolean trust) {
    this.file = file;
    this.clock = clock;
    known = trust ? read(file) : Map.of();
  }

  /** The hash of a bag's recordings, hexadecimal. */
  String of(Path bag, RecordingStamp stamp) {
    String path = bag.toAbsolutePath().normalize().toString();
    Known entry = known.get(path);
    if (entry != null && entry.stamp.equals(stamp.text())) {
      return entry.sha256;
    }
    Instant now = clock.instant();
    String sha256 = stamp.sha256();
    if (stamp.newest().plus(COARSEST).isBefore(now)) {
      found.put(path, new Known(stamp.text(), sha256));
    }
    return sha256;
  }

  /** Adds what was learnt to the file; what another trainer added meanwhile stays. */
  void save() throws IOException {
    if (found.isEmpty()) {
      return;
    }
    Map<String, Known> all = new TreeMap<>(read(file));
    all.putAll(found);
    // A name of its own, since several trainers may save into one file at once.
    Path part = file.resolveSibling(UUID.randomUUID() + DiskTensors.PART);
    try {
      JSON.writeValue(part.toFile(), all);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
    found.clear();
  }

  /** Empty where there is no such file, or none that can be used: the hashes are made anew. */
  private static Map<String, Known> read(Path file) {
    try {
      return Objects.requireNonNullElse(
          JSON.readValue(file.toFile(), new TypeReference<TreeMap<String, Known>>() {}), Map.of());
    } catch (IOException e) {
      return Map.of();
    }
  }
}
