package dev.reverie.trainer.data;

import dev.reverie.mcap.McapException;
import dev.reverie.policy.NdArray;
import dev.reverie.rollout.Alignment;
import dev.reverie.rollout.EpisodeException;
import dev.reverie.rollout.FileErrors;
import dev.reverie.rollout.Sha256;
import dev.reverie.trainer.nn.DiskTensors;
import dev.reverie.trainer.nn.TrainerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Decoded episodes in a folder of mapped files, each named after what it was made of: the bytes of
 * the bag's recordings and the decoder's recipe. Another content or another policy's view is
 * another file, so nothing in the folder ever has to be brought up to date; the folder can be
 * shared by any number of trainers, and deleted at any time. Any thread.
 *
 * <p>A file that is damaged is made anew. Where none can be written, the episode stays in memory.
 * Linux maps 65,530 files in one process (vm.max_map_count), which bounds the number of episodes.
 */
public final class EpisodeCache {
  /** No episode takes so long to write: older parts are what a crash has left. */
  private static final Duration OLD_PART = Duration.ofHours(1);

  private final Config config;
  private final EpisodeDecoder decoder;
  private final Consumer<String> log;
  private final RecordingHashes hashes;
  private final AtomicBoolean unwritable = new AtomicBoolean();

  public EpisodeCache(Config config, EpisodeDecoder decoder, Consumer<String> log) {
    this(config, decoder, log, InstantSource.system());
  }

  public EpisodeCache(
      Config config, EpisodeDecoder decoder, Consumer<String> log, InstantSource clock) {
    this.config = config;
    this.decoder = decoder.with(config.alignment());
    this.log = log;
    hashes = new RecordingHashes(config.folder().resolve("hashes.json"), clock, !config.verify());
    try {
      Files.createDirectories(config.folder());
      deleteOldParts(clock.instant().minus(OLD_PART));
    } catch (IOException e) {
      cannotWrite(e);
    }
  }

  /**
   * An episode that was opened.
   *
   * @param sha256 of the bag's recordings, hexadecimal
   * @param cached whether it was in the cache already
   */
  record Entry(String sha256, DecodedEpisode episode, EpisodeFrames frames, boolean cached) {}

  /** SHA-256 of a bag's recordings, hexadecimal; empty where it cannot be read. Decodes nothing. */
  public Optional<String> hash(Path bag) {
    try {
      return Optional.of(hashes.of(bag, RecordingStamp.of(bag)));
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** Takes a bag's episode from the cache, or decodes it. Throws what the decoder throws. */
  Entry open(Path bag) {
    RecordingStamp stamp = RecordingStamp.of(bag);
    String sha256 = hashes.of(bag, stamp);
    String key = key(sha256);
    Path file = config.folder().resolve(key + ".safetensors");
    Optional<DecodedEpisode> stored = stored(file, key);
    DecodedEpisode episode = stored.orElseGet(() -> decoded(bag, stamp, file, key));
    EpisodeFrames frames =
        new EpisodeFrames(episode.frames(), episode.checksums(), () -> renewed(bag, file, key));
    return new Entry(sha256, episode, frames, stored.isPresent());
  }

  /** Remembers what was learnt about the bags. */
  void save() {
    try {
      hashes.save();
    } catch (IOException e) {
      cannotWrite(e);
    }
  }

  private String key(String sha256) {
    return Sha256.of((sha256 + " " + decoder.recipe()).getBytes(StandardCharsets.UTF_8));
  }

  private Optional<DecodedEpisode> stored(Path file, String key) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      DecodedEpisode episode = EpisodeFile.read(file, key);
      if (config.verify() && !episode.intact()) {
        throw new TrainerException("the checksum of a frame is wrong");
      }
      return Optional.of(episode);
    } catch (TrainerException e) {
      if (Files.exists(file)) { // else somebody deleted it just now
        log.accept("%s cannot be used and is made anew: %s".formatted(file, e.getMessage()));
      }
      return Optional.empty();
    }
  }

  private DecodedEpisode decoded(Path bag, RecordingStamp stamp, Path file, String key) {
    try (Arena arena = Arena.ofConfined()) {
      DecodedEpisode episode = decoder.decode(bag, arena);
      if (!RecordingStamp.of(bag).equals(stamp)) {
        throw new IllegalArgumentException("it changed while it was read; start again");
      }
      try {
        return EpisodeFile.write(file, key, episode);
      } catch (IOException | TrainerException e) {
        cannotWrite(e);
        return episode.copy();
      }
    }
  }

  /** The frames of a bag once more, whose file was damaged after it had been opened. */
  private NdArray renewed(Path bag, Path file, String key) {
    log.accept("%s was damaged and is made anew".formatted(file));
    try {
      return decoded(bag, RecordingStamp.of(bag), file, key).frames();
    } catch (EpisodeException | McapException | IllegalArgumentException | UncheckedIOException e) {
      throw new TrainerException(
          "%s was damaged, and %s cannot be read again: %s".formatted(file, bag, e.getMessage()),
          e);
    }
  }

  /** Said once: a full disk would say it for every episode. */
  private void cannotWrite(Exception e) {
    if (unwritable.compareAndSet(false, true)) {
      log.accept(
          "the cache %s cannot be written: %s. Episodes that are not in it stay in memory; with --cache it can be elsewhere"
              .formatted(config.folder(), FileErrors.reason(e, config.folder())));
    }
  }

  private void deleteOldParts(Instant before) throws IOException {
    List<Path> parts;
    try (Stream<Path> entries = Files.list(config.folder())) {
      parts = entries.filter(entry -> entry.toString().endsWith(DiskTensors.PART)).toList();
    }
    for (Path part : parts) {
      try {
        if (Files.getLastModifiedTime(part).toInstant().isBefore(before)) {
          Files.deleteIfExists(part);
        }
      } catch (NoSuchFileException e) {
        // Another trainer has just finished it.
      }
    }
  }

  /**
   * The place of the cache, and how far it is trusted.
   *
   * @param folder made if needed
   * @param verify whether every bag and every cached frame is read and compared with its checksum
   * @param alignment which messages of a bag belong to one observation
   */
  public record Config(Path folder, boolean verify, Alignment alignment) {
    /** The usual tolerances. */
    public Config(Path folder, boolean verify) {
      this(folder, verify, Alignment.DEFAULT);
    }
  }
}
