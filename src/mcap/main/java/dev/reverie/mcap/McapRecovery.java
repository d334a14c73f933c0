package dev.reverie.mcap;

import java.nio.file.Path;
import java.util.List;

/**
 * Tells what could be saved of a damaged file.
 *
 * @param damages the first places that could not be read, in the order of the file; empty for a
 *     whole file
 * @param moreDamages the number of places beyond these
 * @param fallen number of messages whose log time is before that of the message before them
 * @param retimed number of messages with a time that no clock has: they got their other time, or
 *     that of the message before them
 * @param doubtful number of messages out of damaged chunks: any of them may be another than was
 *     written. A metadata record of the new file says it too
 */
public record McapRecovery(
    long messages,
    List<McapException> damages,
    long moreDamages,
    long fallen,
    long retimed,
    long doubtful) {
  /** Name of the metadata record of a file that holds messages out of damaged chunks. */
  public static final String DOUBT = "mcap_recovery";

  /** Key of its value: how many there are. */
  public static final String DOUBTFUL = "doubtful_messages";

  /** Says whether a message out of a damaged chunk can be one. */
  public interface Check {
    /** Takes all whose place and time are as they must be. */
    Check ALL = (type, message) -> true;

    /**
     * Returns whether the message is one of its type.
     *
     * @param type name of its schema; empty where it has none
     */
    boolean isSound(String type, McapMessage message);
  }

  /** Copies the damages. */
  public McapRecovery {
    damages = List.copyOf(damages);
  }

  /**
   * Writes everything that is readable in the file into a new one, with index and checksums. What
   * ends before its first record is whole, as its writer was stopped in that moment, gives an empty
   * one.
   *
   * @param target must not exist yet
   * @throws McapException where the source is no MCAP file, or the target cannot be written
   */
  public static McapRecovery recover(Path source, Path target, McapOptions options) {
    return recover(source, target, options, Check.ALL);
  }

  /**
   * Writes everything that is readable, as {@link #recover(Path, Path, McapOptions)}.
   *
   * @param check of messages out of damaged chunks; those that are not sound are lost
   */
  public static McapRecovery recover(Path source, Path target, McapOptions options, Check check) {
    try (FileBytes file = new FileBytes(source)) {
      RecordScanner scanner = new RecordScanner(file, McapReader.DEFAULT_MAX_RECORD_BYTES);
      if (scanner.endsBeforeFirstRecord() && new ChunkSearch(scanner).next(0) == file.size()) {
        McapWriter.create(target, options).close();
        return new McapRecovery(0, List.of(file.unfinished()), 0, 0, 0, 0);
      }
    }
    try (McapReader reader = McapReader.openPatiently(source)) {
      McapOptions kept =
          new McapOptions(
              reader.headerDamage().isPresent() || reader.profile().isEmpty()
                  ? options.profile()
                  : reader.profile(),
              options.compression(),
              options.chunkBytes(),
              options.forceInterval());
      try (McapWriter writer = McapWriter.create(target, kept)) {
        return new RecoveryCopy(reader, writer, check).run();
      }
    }
  }

  /**
   * Writes the messages of a whole file into a new one by log time; those of one time stay as they
   * are.
   *
   * @param target must not exist yet
   * @throws McapException where the times of too many chunks overlap, or the target cannot be
   *     written
   */
  public static void sort(Path source, Path target, McapOptions options) {
    try (McapReader reader = McapReader.open(source);
        McapWriter writer =
            McapWriter.create(
                target,
                new McapOptions(
                    reader.profile(),
                    options.compression(),
                    options.chunkBytes(),
                    options.forceInterval()))) {
      RecoveryCopy copy = new RecoveryCopy(reader, writer, Check.ALL);
      reader.channels().values().forEach(copy::channelOf);
      reader.messagesByTime(McapQuery.ALL).forEach(copy::write);
      reader.attachments().forEach(writer::attach);
      reader.metadata().forEach(writer::addMetadata);
    }
  }

  static McapRecovery copy(McapReader reader, McapWriter writer) {
    return new RecoveryCopy(reader, writer, Check.ALL).run();
  }
}
