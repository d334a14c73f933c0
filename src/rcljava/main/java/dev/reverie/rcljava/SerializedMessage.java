package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * An rcl_serialized_message_t (buffer, length, capacity, allocator), whose buffer rcl lets grow.
 * Used under the lock of its owner.
 */
final class SerializedMessage implements AutoCloseable {

  private static final RclFunction FINI = RclFunction.of("rcutils_uint8_array_fini", 1);
  private static final MethodHandle INIT =
      Librcl.function(
          "rcutils_uint8_array_init", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 128);

  SerializedMessage() {
    try {
      RclFunction.check(
          (int) INIT.invokeExact(pointer, 256L, Librcl.allocator()), "rcutils_uint8_array_init");
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  MemorySegment pointer() {
    return pointer;
  }

  /** What rcl wrote last; valid until it writes again. */
  MemorySegment bytes() {
    // Safe: rcl keeps buffer and length consistent.
    return DynamicLinker.at(pointer.get(ADDRESS, 0), pointer.get(JAVA_LONG, 8));
  }

  /** As {@link #bytes()}, but reading them after the arena's close is an exception. */
  MemorySegment bytes(Arena arena) {
    return pointer.get(ADDRESS, 0).reinterpret(pointer.get(JAVA_LONG, 8), arena, null);
  }

  @Override
  public void close() {
    FINI.check(FINI.call(pointer));
  }

  /** An rcl_serialized_message_t that lends bytes to rcl, which only reads them. */
  static final class View {
    private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 128);

    View() {
      MemorySegment.copy(Librcl.allocator(), 0, pointer, 24, Librcl.ALLOCATOR.byteSize());
    }

    /**
     * @param bytes native memory that outlives the use of the result
     */
    MemorySegment of(MemorySegment bytes) {
      pointer.set(ADDRESS, 0, bytes);
      pointer.set(JAVA_LONG, 8, bytes.byteSize());
      pointer.set(JAVA_LONG, 16, bytes.byteSize());
      return pointer;
    }
  }
}
