package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Calls a function of librcl that takes pointers only and returns an {@code rcl_ret_t}. Kept in a
 * static final field it costs no more than its bare method handle.
 */
record RclFunction(String name, MethodHandle handle) {
  static final int OK = 0;

  static RclFunction of(String name, int pointers) {
    var arguments = new MemoryLayout[pointers];
    Arrays.fill(arguments, ADDRESS);
    return new RclFunction(name, Librcl.function(name, FunctionDescriptor.of(JAVA_INT, arguments)));
  }

  // Safe, for all calls here: the callers own the structures that they pass, and nobody finalises
  // them at the same time (each class tells what guards it).

  int call(MemorySegment a) {
    try {
      return (int) handle.invokeExact(a);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  int call(MemorySegment a, MemorySegment b) {
    try {
      return (int) handle.invokeExact(a, b);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  int call(MemorySegment a, MemorySegment b, MemorySegment c) {
    try {
      return (int) handle.invokeExact(a, b, c);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  int call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d) {
    try {
      return (int) handle.invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  int call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, MemorySegment e) {
    try {
      return (int) handle.invokeExact(a, b, c, d, e);
    } catch (Throwable t) {
      throw DynamicLinker.unchecked(t);
    }
  }

  /**
   * Checks a returned code.
   *
   * @throws RclException with the words of rcl when the code is not OK
   */
  void check(int code) {
    check(code, name);
  }

  static void check(int code, String what) {
    if (code != OK) {
      throw new RclException("%s: %s (code %d)".formatted(what, ErrorState.take(), code));
    }
  }
}
