package dev.reverie.rcljava;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Lends slices of memory that end with the message in it. An arena is opened only where somebody
 * asks for a slice, so that messages without arrays cost nothing. Used by one thread a message.
 */
final class LentMemory {
  private @Nullable Arena arena;

  /** Returns the same memory for as long as the message. */
  MemorySegment lend(MemorySegment memory) {
    Arena open = arena;
    if (open == null) {
      open = Arena.ofConfined();
      arena = open;
    }
    return memory.reinterpret(open, null);
  }

  /** Ends what was lent: using it is an {@link IllegalStateException} from now on. */
  void end() {
    Arena open = arena;
    if (open != null) {
      arena = null;
      open.close();
    }
  }
}
