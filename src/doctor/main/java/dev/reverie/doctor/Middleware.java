package dev.reverie.doctor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Checks of what carries messages: which middleware, and whether it does so by shared memory. */
final class Middleware {
  private static final double GIB = 1L << 30;
  private static final double LOW_GIB = 0.06;
  private static final String FAST_DDS = "rmw_fastrtps";
  private static final String TRANSPORTS = "FASTDDS_BUILTIN_TRANSPORTS";
  private static final List<String> PROFILES =
      List.of("FASTDDS_DEFAULT_PROFILES_FILE", "FASTRTPS_DEFAULT_PROFILES_FILE");

  private Middleware() {}

  /**
   * Shared memory as it is seen.
   *
   * @param folder where it is mounted
   * @param used whether this process has a segment of Fast DDS; empty where it is in no ROS graph
   * @param foreign segments of Fast DDS that this user may not write
   * @param freeBytes in the folder
   */
  record Memory(Path folder, Optional<Boolean> used, long foreign, long freeBytes) {
    /**
     * Looks at the machine's.
     *
     * @param joined whether this process is in a ROS graph
     */
    static Memory seen(Path folder, boolean joined) {
      File file = folder.toFile();
      return new Memory(
          folder, joined ? mapped() : Optional.empty(), foreign(folder), file.getUsableSpace());
    }

    private static Optional<Boolean> mapped() {
      try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        return Optional.of(maps.anyMatch(line -> segment(line.replaceFirst(".*/", ""))));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    private static long foreign(Path folder) {
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .filter(file -> segment(file.getFileName().toString()))
            .filter(file -> !Files.isWritable(file))
            .count();
      } catch (IOException e) {
        return 0;
      }
    }

    private static boolean segment(String name) {
      return name.startsWith("fastdds_") || name.startsWith("fastrtps_");
    }
  }

  static Finding implementation(Map<String, String> environment) {
    return Finding.ok(
        "middleware",
        environment.getOrDefault("RMW_IMPLEMENTATION", "the distribution's own (Fast DDS)"));
  }

  /** Says whether messages go by shared memory; where they do not, why, as far as can be told. */
  static Finding sharedMemory(Map<String, String> environment, Memory memory) {
    String about = "shared memory";
    Path folder = memory.folder();
    String rmw = environment.getOrDefault("RMW_IMPLEMENTATION", FAST_DDS);
    if (!rmw.startsWith(FAST_DDS)) {
      return Finding.ok(about, "not looked at: %s has settings of its own", rmw);
    }
    if (!Files.isDirectory(folder)) {
      return Finding.warning(about, "mount it, or pictures go over UDP", "there is no %s", folder);
    }
    if (!Files.isWritable(folder)) {
      return Finding.error(
          about, "chmod 1777 " + folder + ", or run as its owner", "%s cannot be written", folder);
    }
    double free = memory.freeBytes() / GIB;
    if (free < LOW_GIB) {
      return Finding.warning(
          about,
          "give the container --shm-size=512m, or delete what killed nodes left: fastdds_*,"
              + " fastrtps_*",
          "%s%.3f GiB are free in %s",
          memory.used().equals(Optional.of(false)) ? "not used, pictures go over UDP: " : "",
          free,
          folder);
    }
    if (memory.used().equals(Optional.of(false))) {
      return Finding.warning(
          about, remedy(environment), "not used: pictures go over UDP, in fragments");
    }
    if (memory.foreign() > 0) {
      return Finding.warning(
          about,
          "run all nodes of this machine as one user; delete what nodes left that no longer run",
          "%d segments in %s are of another user, and what goes between its nodes and these is"
              + " lost or goes over UDP",
          memory.foreign(),
          folder);
    }
    return Finding.ok(about, "%s%.1f GiB free", memory.used().isPresent() ? "used, " : "", free);
  }

  /** Returns what helps where Fast DDS makes no segment, by what its settings say. */
  private static String remedy(Map<String, String> environment) {
    String transports = environment.getOrDefault(TRANSPORTS, "");
    if (!transports.isEmpty() && !transports.equals("DEFAULT") && !transports.contains("SHM")) {
      return "%s is %s: unset it".formatted(TRANSPORTS, transports);
    }
    for (String name : PROFILES) {
      String file = environment.getOrDefault(name, "");
      if (file.isEmpty()) {
        continue;
      }
      try {
        if (!Files.readString(Path.of(file)).contains("SHM")) {
          return "%s is %s, which has no transport of type SHM: add one, or unset it"
              .formatted(name, file);
        }
      } catch (IOException e) {
        return "%s is %s, which cannot be read: correct it, or unset it".formatted(name, file);
      }
    }
    return "look at what Fast DDS says when a node starts; setup/fastdds.xml has a transport that"
        + " works";
  }
}
