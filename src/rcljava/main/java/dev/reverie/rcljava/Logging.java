package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Set;

/**
 * Writes the log of the process: console, a file in ROS_LOG_DIR, and the topic /rosout of each
 * node. rcl keeps it in tables without a lock, hence all of this is synchronized.
 */
final class Logging {
  private static final RclFunction CONFIGURE = RclFunction.of("rcl_logging_configure", 2);
  private static final RclFunction ROSOUT_INIT =
      RclFunction.of("rcl_logging_rosout_init_publisher_for_node", 1);
  private static final RclFunction ROSOUT_FINI =
      RclFunction.of("rcl_logging_rosout_fini_publisher_for_node", 1);
  private static final MethodHandle FINI =
      Librcl.function("rcl_logging_fini", FunctionDescriptor.of(JAVA_INT));
  private static final MethodHandle ENABLED =
      Librcl.function(
          "rcutils_logging_logger_is_enabled_for",
          FunctionDescriptor.of(JAVA_BOOLEAN, ADDRESS, JAVA_INT));
  private static final MethodHandle LOG =
      Librcl.function(
          "rcutils_log",
          FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS),
          Linker.Option.firstVariadicArg(4));

  /** The distributions whose rcl makes the publisher of /rosout together with the node. */
  private static final Set<String> ROSOUT_BY_RCL = Set.of("humble", "iron");

  private static final MemorySegment FORMAT = Arena.global().allocateFrom("%s");
  private static int contexts;

  private Logging() {}

  /** Configures the log by the arguments of the first context. */
  static synchronized void acquire(MemorySegment context) {
    if (contexts == 0) {
      CONFIGURE.check(CONFIGURE.call(context, Librcl.allocator()));
    }
    contexts++;
  }

  static synchronized void release() {
    contexts--;
    if (contexts == 0) {
      try {
        RclFunction.check((int) FINI.invokeExact(), "rcl_logging_fini");
      } catch (Throwable e) {
        throw DynamicLinker.unchecked(e);
      }
    }
  }

  static synchronized void openRosout(MemorySegment node) {
    if (!ROSOUT_BY_RCL.contains(System.getenv("ROS_DISTRO"))) {
      ROSOUT_INIT.check(ROSOUT_INIT.call(node));
    }
  }

  static synchronized void closeRosout(MemorySegment node) {
    if (!ROSOUT_BY_RCL.contains(System.getenv("ROS_DISTRO"))) {
      ROSOUT_FINI.check(ROSOUT_FINI.call(node));
    }
  }

  static boolean isEnabled(MemorySegment logger, int severity) {
    try {
      return (boolean) ENABLED.invokeExact(logger, severity);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /**
   * Writes one entry.
   *
   * @param location rcutils_log_location_t of the caller; rosout needs one
   */
  static synchronized void log(
      MemorySegment location, int severity, MemorySegment logger, MemorySegment text) {
    try {
      LOG.invokeExact(location, severity, logger, FORMAT, text);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }
}
