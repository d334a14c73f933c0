package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.stream.IntStream;

/** Reads what rcl made of the arguments of the program. */
final class RosArguments {
  private static final MethodHandle COUNT_UNPARSED = count("rcl_arguments_get_count_unparsed");
  private static final MethodHandle COUNT_UNKNOWN = count("rcl_arguments_get_count_unparsed_ros");
  private static final MethodHandle UNPARSED = indices("rcl_arguments_get_unparsed");
  private static final MethodHandle UNKNOWN = indices("rcl_arguments_get_unparsed_ros");
  private static final MethodHandle FREE =
      DynamicLinker.ofC("free", FunctionDescriptor.ofVoid(ADDRESS));

  private RosArguments() {}

  /**
   * Returns the arguments that are not ROS 2's.
   *
   * @param context whose first member are the parsed arguments
   * @throws RclException when there are ROS arguments that rcl does not know
   */
  static List<String> nonRos(MemorySegment context, String[] args) {
    List<String> unknown = select(context, args, COUNT_UNKNOWN, UNKNOWN);
    if (!unknown.isEmpty()) {
      throw new RclException("unknown ROS arguments: " + String.join(" ", unknown));
    }
    return select(context, args, COUNT_UNPARSED, UNPARSED);
  }

  private static List<String> select(
      MemorySegment context, String[] args, MethodHandle count, MethodHandle indices) {
    try (var arena = Arena.ofConfined()) {
      int length = (int) count.invokeExact(context);
      if (length <= 0) {
        return List.of();
      }
      MemorySegment result = arena.allocate(ADDRESS);
      RclFunction.check(
          (int) indices.invokeExact(context, Librcl.allocator(), result), "rcl_arguments");
      MemorySegment positions = DynamicLinker.at(result.get(ADDRESS, 0), 4L * length);
      List<String> selected =
          IntStream.range(0, length)
              .mapToObj(i -> args[positions.getAtIndex(JAVA_INT, i)])
              .toList();
      free(positions);
      return selected;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Gives back what rcl allocated with its default allocator. */
  static void free(MemorySegment memory) {
    try {
      // Safe: the default allocator of rcutils is malloc and free.
      FREE.invokeExact(memory);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static MethodHandle count(String name) {
    return Librcl.function(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  private static MethodHandle indices(String name) {
    return Librcl.function(
        name, FunctionDescriptor.of(JAVA_INT, ADDRESS, Librcl.ALLOCATOR, ADDRESS));
  }
}
