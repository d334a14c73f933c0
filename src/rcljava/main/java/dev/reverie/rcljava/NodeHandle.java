package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Holds the rcl_node_t of a {@link Node}, which guards it. */
final class NodeHandle {
  private static final RclFunction INIT = RclFunction.of("rcl_node_init", 5);
  private static final RclFunction FINI = RclFunction.of("rcl_node_fini", 1);
  private static final RclFunction OPTIONS_FINI = RclFunction.of("rcl_node_options_fini", 1);
  private static final MethodHandle RESOLVE =
      Librcl.function(
          "rcl_node_resolve_name",
          FunctionDescriptor.of(
              JAVA_INT, ADDRESS, ADDRESS, Librcl.ALLOCATOR, JAVA_BOOLEAN, JAVA_BOOLEAN, ADDRESS));

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 64);
  private boolean rosout;

  MemorySegment pointer() {
    return pointer;
  }

  /** Creates the node in ROS 2. */
  void init(Context context, String name, String namespace) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment options = Librcl.structure(arena, "rcl_node_get_default_options");
      try {
        Security.check(
            INIT.call(
                pointer,
                arena.allocateFrom(name),
                arena.allocateFrom(namespace),
                context.pointer(),
                options),
            "node " + name);
      } finally {
        OPTIONS_FINI.check(OPTIONS_FINI.call(options));
      }
    }
  }

  void openRosout() {
    Logging.openRosout(pointer);
    rosout = true;
  }

  String name() {
    return text("rcl_node_get_name");
  }

  String namespace() {
    return text("rcl_node_get_namespace");
  }

  String loggerName() {
    return text("rcl_node_get_logger_name");
  }

  private String text(String function) {
    try {
      return DynamicLinker.text(
          (MemorySegment)
              Librcl.function(function, FunctionDescriptor.of(ADDRESS, ADDRESS))
                  .invokeExact(pointer));
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Returns the full name of a topic, remapped. */
  String resolveTopic(String topic) {
    try (var arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ADDRESS);
      RclFunction.check(
          (int)
              RESOLVE.invokeExact(
                  pointer, arena.allocateFrom(topic), Librcl.allocator(), false, false, result),
          "name " + topic);
      MemorySegment resolved = result.get(ADDRESS, 0);
      String text = DynamicLinker.text(resolved);
      RosArguments.free(resolved);
      return text;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Ends the node in ROS 2. */
  void fini() {
    if (rosout) {
      Logging.closeRosout(pointer);
    }
    FINI.check(FINI.call(pointer));
  }
}
