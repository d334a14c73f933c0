package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.reverie.msgs.BorrowedArrays;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Holds an rcl_serialized_message_t (buffer, length, capacity, allocator), whose buffer rcl lets
 * grow. Used under the lock of its owner.
 */
final class SerializedMessage implements TakenMessage, AutoCloseable {
  private static final RclFunction FINI = RclFunction.of("rcutils_uint8_array_fini", 1);
  private static final MethodHandle INIT =
      Librcl.function(
          "rcutils_uint8_array_init", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));

  // Where the members of rcl_serialized_message_t stand.
  private static final int BUFFER = 0;
  private static final int LENGTH = 8;
  private static final int CAPACITY = 16;

  private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 128);
  private MemorySegment buffer = MemorySegment.NULL;

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

  /**
   * Returns all of the buffer, at whose beginning stands what rcl wrote last; valid until it writes
   * again. The same object until rcl replaces the buffer, so that taking allocates nothing.
   */
  @Override
  public MemorySegment buffer() {
    long address = pointer.get(JAVA_LONG, BUFFER);
    long capacity = pointer.get(JAVA_LONG, CAPACITY);
    if (address != buffer.address() || capacity != buffer.byteSize()) {
      buffer = DynamicLinker.at(pointer.get(ADDRESS, BUFFER), capacity);
    }
    return buffer;
  }

  @Override
  public long length() {
    return pointer.get(JAVA_LONG, LENGTH);
  }

  @Override
  public @Nullable BorrowedArrays borrowedArrays() {
    return null;
  }

  @Override
  public void close() {
    FINI.check(FINI.call(pointer));
  }

  /** Holds an rcl_serialized_message_t that lends bytes to rcl, which only reads them. */
  static final class View {
    private final MemorySegment pointer = DynamicLinker.zeroed(Arena.ofAuto(), 128);

    View() {
      MemorySegment.copy(Librcl.allocator(), 0, pointer, 24, Librcl.ALLOCATOR.byteSize());
    }

    /**
     * Points to other bytes.
     *
     * @param bytes native memory that outlives the use of the result
     */
    MemorySegment of(MemorySegment bytes) {
      pointer.set(ADDRESS, BUFFER, bytes);
      pointer.set(JAVA_LONG, LENGTH, bytes.byteSize());
      pointer.set(JAVA_LONG, CAPACITY, bytes.byteSize());
      return pointer;
    }
  }
}
