package dev.reverie.robot.record;

import dev.reverie.mcap.DiskReserve;
import dev.reverie.robot.setup.RobotException;
import dev.reverie.rollout.FileErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at the start whether episodes can be recorded into a folder. */
public final class RolloutsFolder {
  /** Room for the reserve, and for a first bag of small pictures. */
  private static final long LEAST_BYTES = DiskReserve.DEFAULT_BYTES + (4L << 20);

  private RolloutsFolder() {}

  /**
   * Makes the folder where it is not there.
   *
   * @return the same, absolute
   * @throws RobotException where it cannot be made or written, or where its disk is full
   */
  public static Path ready(Path given) {
    Path folder = given.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new RobotException(
          "rollouts_dir '%s' cannot be made: %s; give a folder that can be written"
              .formatted(folder, FileErrors.reason(e, folder)),
          e);
    }
    try {
      Files.delete(Files.createTempFile(folder, ".reverie", ""));
    } catch (IOException e) {
      throw new RobotException(
          "rollouts_dir '%s' cannot be written: %s; give a folder that can be, or change its owner or mount"
              .formatted(folder, FileErrors.reason(e, folder)),
          e);
    }
    long free = free(folder);
    if (free < LEAST_BYTES) {
      throw new RobotException(
          "the disk of rollouts_dir '%s' has %d MiB free, recording needs %d; make room on it, or give a folder of another disk"
              .formatted(folder, free >> 20, LEAST_BYTES >> 20));
    }
    return folder;
  }

  private static long free(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace() + DiskReserve.left(folder);
    } catch (IOException e) {
      return Long.MAX_VALUE; // the file system does not tell
    }
  }
}
