package dev.reverie.rollout;

import dev.reverie.msgs.Stamps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An episode in one line; read without its observations.
 *
 * @param begunNanos when it began, in the recorder's clock
 * @param recordedNanos time of day when it began, since 1970; 0 where that cannot be told
 * @param seconds from its beginning to its last message
 * @param commands sent to the arm
 * @param bytes on disk
 * @param calibration SHA-256 of camera_info and robot_description; empty where none was recorded
 * @param recording whether it is being recorded just now, so that it cannot be read yet
 * @param problem why it cannot be read; empty where it can
 */
public record RolloutSummary(
    String id,
    Path bag,
    String instruction,
    String source,
    String policyId,
    float temperature,
    long seed,
    EpisodeOutcome outcome,
    long begunNanos,
    long recordedNanos,
    double seconds,
    long commands,
    long bytes,
    String calibration,
    boolean recording,
    String problem) {
  private static final Pattern STAMPED = Pattern.compile("(\\d{8}T\\d{9})-.*");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS", Locale.ROOT).withZone(ZoneOffset.UTC);

  static RolloutSummary of(Path bag, BagIndex index, EpisodeSummaryRecord summary) {
    return new RolloutSummary(
        summary.id(),
        bag,
        summary.instruction(),
        summary.source(),
        summary.policyId(),
        summary.temperature(),
        summary.seed(),
        summary.outcome(),
        summary.begunNanos(),
        index.recordedNanos() > 0 ? index.recordedNanos() : stamped(summary.id()),
        (index.endNanos() - summary.begunNanos()) * 1e-9,
        index.commands(),
        index.bytes(),
        summary.calibration(),
        false,
        "");
  }

  /** An episode that is being recorded, of which nothing but its name can be told yet. */
  static RolloutSummary beingRecorded(Path bag) {
    return unread(bag, true, "%s is %s".formatted(bag, BagFiles.BEING_RECORDED));
  }

  static RolloutSummary broken(Path bag, String problem) {
    return unread(bag, false, problem);
  }

  private static RolloutSummary unread(Path bag, boolean recording, String problem) {
    String id = bag.toAbsolutePath().normalize().getFileName().toString();
    return new RolloutSummary(
        id,
        bag,
        "",
        "",
        "",
        0,
        0,
        EpisodeOutcome.UNLABELLED,
        0,
        stamped(id),
        0,
        0,
        bytes(bag),
        "",
        recording,
        problem);
  }

  /** The time of day that the robot node puts before an episode's number. */
  private static long stamped(String id) {
    Matcher matcher = STAMPED.matcher(id);
    try {
      return matcher.matches() ? Stamps.nanos(Instant.from(STAMP.parse(matcher.group(1)))) : 0;
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  private static long bytes(Path bag) {
    try (Stream<Path> files = Files.isDirectory(bag) ? Files.list(bag) : Stream.of(bag)) {
      return files
          .filter(file -> file.toString().endsWith(".mcap") && !Files.isDirectory(file))
          .mapToLong(f -> f.toFile().length())
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }
}
