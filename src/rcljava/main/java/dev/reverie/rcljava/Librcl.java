package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** Loads the library librcl of the ROS 2 environment that the process was started in. */
final class Librcl {
  /** rcl_allocator_t: allocate, deallocate, reallocate, zero_allocate, state. */
  static final StructLayout ALLOCATOR =
      MemoryLayout.structLayout(ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  /** Larger than any structure that rcl returns by value; the callee writes its own size only. */
  private static final StructLayout ANY_STRUCTURE =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(128, ADDRESS));

  private static @Nullable MemorySegment library;

  private Librcl() {}

  /**
   * Opens librcl, the first time only.
   *
   * @throws RclException when the process was started without a ROS 2 environment
   */
  static synchronized MemorySegment load() {
    if (library == null) {
      String preload = System.getenv("REVERIE_PRELOAD");
      try {
        if (preload != null && !preload.isBlank()) {
          // librcl of the Python wheels needs libpython's symbols without naming libpython.
          DynamicLinker.open(preload, DynamicLinker.RTLD_NOW | DynamicLinker.RTLD_GLOBAL);
        }
        library = DynamicLinker.open("librcl.so", DynamicLinker.RTLD_NOW);
      } catch (RclException e) {
        throw new RclException(
            "no ROS 2 found: source one, or run through ./reverie (" + e.getMessage() + ")", e);
      }
    }
    return library;
  }

  static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    MemorySegment address =
        DynamicLinker.find(load(), name)
            .orElseThrow(
                () ->
                    new RclException(
                        "librcl of ROS 2 %s has no function %s"
                            .formatted(System.getenv("ROS_DISTRO"), name)));
    return DynamicLinker.function(address, descriptor, options);
  }

  /** Returns the options structure of a function such as rcl_node_get_default_options. */
  static MemorySegment structure(Arena arena, String function) {
    MethodHandle handle = function(function, FunctionDescriptor.of(ANY_STRUCTURE));
    try {
      // Safe: structures over 16 bytes are written through a hidden pointer, here to 1 KiB.
      return (MemorySegment) handle.invokeExact((SegmentAllocator) arena);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  /** Returns the default allocator, as passed to rcl by value. */
  static MemorySegment allocator() {
    return DefaultAllocator.VALUE;
  }

  private static final class DefaultAllocator {
    static final MemorySegment VALUE =
        structure(Arena.global(), "rcutils_get_default_allocator").asSlice(0, ALLOCATOR.byteSize());
  }
}
