package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Calls {@code dlopen} and {@code dlsym} themselves: {@link java.lang.foreign.SymbolLookup} knows
 * no flags and keeps the reason of a failure to itself.
 */
final class DynamicLinker {
  static final int RTLD_NOW = 2;
  static final int RTLD_GLOBAL = 0x100;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle DLOPEN =
      ofC("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle DLSYM =
      ofC("dlsym", FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle DLERROR = ofC("dlerror", FunctionDescriptor.of(ADDRESS));

  private DynamicLinker() {}

  /**
   * Opens a library by path, or by bare name along {@code LD_LIBRARY_PATH}; it stays open.
   *
   * @throws RclException with the linker's reason
   */
  static MemorySegment open(String library, int flags) {
    try (var arena = Arena.ofConfined()) {
      // Safe: the initialisers of a ROS library neither call back nor unwind.
      var handle = (MemorySegment) DLOPEN.invokeExact(arena.allocateFrom(library), flags);
      if (handle.address() == 0) {
        throw new RclException(text((MemorySegment) DLERROR.invokeExact()));
      }
      return handle;
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Returns the address of a symbol of the library or of those that it needs. */
  static Optional<MemorySegment> find(MemorySegment library, String symbol) {
    try (var arena = Arena.ofConfined()) {
      var address = (MemorySegment) DLSYM.invokeExact(library, arena.allocateFrom(symbol));
      return address.address() == 0 ? Optional.empty() : Optional.of(address);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  static MethodHandle function(
      MemorySegment address, FunctionDescriptor descriptor, Linker.Option... options) {
    return LINKER.downcallHandle(address, descriptor, options);
  }

  /** Returns a function of the C library. */
  static MethodHandle ofC(String name, FunctionDescriptor descriptor) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor);
  }

  /** Returns the text behind a {@code const char *}; empty for NULL. */
  static String text(MemorySegment pointer) {
    // Safe: C strings of rcl end with zero.
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Returns the native memory of this many bytes behind a pointer that C gave. */
  static MemorySegment at(MemorySegment pointer, long bytes) {
    return pointer.reinterpret(bytes);
  }

  /** Throws on what a method handle threw; ours declare no checked exceptions. */
  static RuntimeException unchecked(Throwable e) {
    switch (e) {
      case RuntimeException runtime -> throw runtime;
      case Error error -> throw error;
      default -> throw new IllegalStateException(e);
    }
  }

  /** Allocates a structure of which only the size matters, zeroed. */
  static MemorySegment zeroed(Arena arena, long bytes) {
    return arena.allocate(bytes, 8).fill((byte) 0);
  }

  static MemorySegment copy(Arena arena, MemorySegment source, long bytes) {
    return arena.allocate(bytes, 8).copyFrom(at(source, bytes));
  }
}
