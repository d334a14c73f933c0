package dev.reverie.trainer.nn;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.stream.IntStream;

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

  /**
   * The least growth from one measurement to the next, after the first: what every repetition
   * leaves. The JVM itself takes memory now and then.
   */
  public static double leastGrowth(double[] used) {
    return IntStream.range(2, used.length)
        .mapToDouble(i -> used[i] - used[i - 1])
        .min()
        .orElseThrow();
  }
}
