package dev.reverie.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of processes. */
public final class ProcessMemory {
  private static final long PAGE_BYTES = 4096;

  private ProcessMemory() {}

  /**
   * Memory that a process has for itself alone, without files that it looks at (proc_pid_statm(5)).
   */
  public static long ownBytes(long pid) {
    try {
      String[] pages = Files.readString(Path.of("/proc/" + pid + "/statm")).split(" ", -1);
      return (Long.parseLong(pages[1]) - Long.parseLong(pages[2])) * PAGE_BYTES;
    } catch (IOException e) {
      return 0; // it has just ended, or the system has no such file
    }
  }
}
