package dev.reverie.trainer.nn;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Bytes that the C heap has given out and not got back: glibc's mallinfo2(3). */
public final class NativeMemory {
  private static final MemoryLayout MALLINFO2 =
      MemoryLayout.sequenceLayout(10, ValueLayout.JAVA_LONG);
  private static final int MAPPED = 4; // hblkhd
  private static final int USED = 7; // uordblks

  private NativeMemory() {}

  public static double inUse() {
    MethodHandle mallinfo2 =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("mallinfo2"),
                FunctionDescriptor.of(MemoryLayout.structLayout(MALLINFO2)));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = (MemorySegment) mallinfo2.invokeExact((SegmentAllocator) arena);
      return info.getAtIndex(ValueLayout.JAVA_LONG, MAPPED)
          + info.getAtIndex(ValueLayout.JAVA_LONG, USED);
    } catch (Throwable e) {
      throw new IllegalStateException("mallinfo2", e);
    }
  }

  /** Work that is done again and again. */
  @FunctionalInterface
  public interface Work {
    void run(int repetition) throws IOException;
  }

  /**
   * Returns what every repetition of some work leaves: the least growth from one to the next, after
   * the first two. The JVM and its compilers take memory meanwhile, so work is repeated until it
   * once left less than a little, at most 20 times.
   */
  public static double leftByEach(double little, Work work) throws IOException {
    double least = Double.POSITIVE_INFINITY;
    double before = 0;
    for (int i = 0; i < 20 && least >= little; i++) {
      work.run(i);
      System.gc();
      double now = inUse();
      least = i < 2 ? least : Math.min(least, now - before);
      before = now;
    }
    return least;
  }
}
