package dev.reverie.rcljava;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Measures what this process holds, garbage not counted.
 *
 * @param heapBytes bytes of objects that the last collection left
 * @param nativeBytes bytes handed out by malloc and not freed, of the JVM too
 * @param residentBytes pages in memory, without the heap that the JVM keeps ready and without those
 *     that malloc could give back
 * @param threads of Java and of the middleware
 * @param files open descriptors
 * @param sharedMemory files of {@code /dev/shm} that are mapped
 * @param handles of rcl, by class
 */
record Footprint(
    long heapBytes,
    long nativeBytes,
    long residentBytes,
    long threads,
    long files,
    long sharedMemory,
    Map<String, Integer> handles) {
  private static final long MEBIBYTE = 1 << 20;

  // What compiler and collector of a JVM need now and then; a leak of 100 bytes a time shows after
  // some ten thousand times.
  private static final long HEAP_SLACK = MEBIBYTE;
  private static final long NATIVE_SLACK = 4 * MEBIBYTE;

  /** Compiled code and what is left between allocations come on top. */
  private static final long RESIDENT_SLACK = 32 * MEBIBYTE;

  private static final long STEP = MEBIBYTE / 4;

  /** Once what is unused has been freed. */
  static Footprint settled() {
    Footprint least = now();
    for (int stable = 0; stable < 3; stable++) {
      Footprint next = now();
      if (next.nativeBytes < least.nativeBytes - STEP) {
        stable = 0;
      }
      least = next;
    }
    return least;
  }

  /**
   * After a collection. Native memory of automatic arenas is freed soon after it, by a thread that
   * the collector tells.
   */
  static Footprint now() {
    System.gc();
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    trim();
    return new Footprint(
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getCollectionUsage().getUsed())
            .sum(),
        allocated(),
        statusKibibytes("VmRSS:") * 1024
            - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted(),
        ManagementFactory.getThreadMXBean().getThreadCount() + middlewareThreads(),
        list("/proc/self/fd").size(),
        lines("/proc/self/maps")
            .map(line -> line.substring(line.indexOf('/') + 1))
            .filter(file -> file.startsWith("dev/shm/"))
            .distinct()
            .count(),
        Handle.live());
  }

  /** Tells what there is more of than before; empty where nothing has grown. */
  List<String> growthSince(Footprint before) {
    var growth = new ArrayList<String>();
    compare(growth, "heap bytes", before.heapBytes, heapBytes, HEAP_SLACK);
    compare(growth, "bytes of malloc", before.nativeBytes, nativeBytes, NATIVE_SLACK);
    compare(growth, "resident bytes", before.residentBytes, residentBytes, RESIDENT_SLACK);
    compare(growth, "threads", before.threads, threads, 0);
    compare(growth, "open files", before.files, files, 0);
    compare(growth, "shared memory files", before.sharedMemory, sharedMemory, 0);
    if (!handles.equals(before.handles)) {
      growth.add("handles were " + before.handles + " and are " + handles);
    }
    return growth;
  }

  private static void compare(List<String> growth, String what, long was, long is, long slack) {
    if (is - was > slack) {
      growth.add("%s were %d and are %d".formatted(what, was, is));
    }
  }

  @Override
  public String toString() {
    return "heap %.2f MB, malloc %.2f MB, resident %.1f MB, threads %d, files %d, shared memory files %d, handles %s"
        .formatted(
            heapBytes / 1e6,
            nativeBytes / 1e6,
            residentBytes / 1e6,
            threads,
            files,
            sharedMemory,
            handles);
  }

  /**
   * Returns, by glibc's {@code mallinfo2}, the bytes in use of all arenas, and those that were
   * mapped.
   */
  private static long allocated() {
    StructLayout info = MemoryLayout.structLayout(MemoryLayout.sequenceLayout(10, JAVA_LONG));
    var linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("mallinfo2");
    if (function.isEmpty()) {
      return 0;
    }
    try (var arena = Arena.ofConfined()) {
      MethodHandle handle = linker.downcallHandle(function.get(), FunctionDescriptor.of(info));
      var result = (MemorySegment) handle.invokeExact((SegmentAllocator) arena);
      long mapped = result.getAtIndex(JAVA_LONG, 4);
      long used = result.getAtIndex(JAVA_LONG, 7);
      return used + mapped;
    } catch (Throwable e) {
      throw DynamicLinker.unchecked(e);
    }
  }

  private static void trim() {
    var linker = Linker.nativeLinker();
    Optional<MemorySegment> function = linker.defaultLookup().find("malloc_trim");
    if (function.isPresent()) {
      try {
        int _ =
            (int)
                linker
                    .downcallHandle(function.get(), FunctionDescriptor.of(JAVA_INT, JAVA_LONG))
                    .invokeExact(0L);
      } catch (Throwable e) {
        throw DynamicLinker.unchecked(e);
      }
    }
  }

  private static long middlewareThreads() {
    return list("/proc/self/task").stream()
        .map(task -> task.resolve("comm"))
        .filter(file -> lines(file.toString()).anyMatch(name -> name.startsWith("dds.")))
        .count();
  }

  private static long statusKibibytes(String field) {
    return lines("/proc/self/status")
        .filter(line -> line.startsWith(field))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  private static List<Path> list(String folder) {
    try (Stream<Path> entries = Files.list(Path.of(folder))) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the lines of a file; none of a thread that has ended meanwhile. */
  private static Stream<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file)).stream();
    } catch (IOException e) {
      return Stream.empty();
    }
  }
}
