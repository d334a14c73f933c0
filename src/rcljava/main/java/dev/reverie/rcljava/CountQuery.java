package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Calls functions of rcl that write one size_t. */
final class CountQuery {
  private CountQuery() {}

  /** Returns the number; 0 when the handle is closed. */
  static int count(Handle handle, RclFunction function, MemorySegment pointer) {
    if (!handle.enter()) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      function.check(function.call(pointer, count));
      return (int) count.get(JAVA_LONG, 0);
    } finally {
      handle.exit();
    }
  }
}
