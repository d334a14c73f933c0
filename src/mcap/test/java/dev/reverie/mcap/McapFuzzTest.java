package dev.reverie.mcap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reads, checks and recovers damaged files: nothing but {@link McapException}, no hang, and no more
 * memory than a record may have. {@code -Dreverie.fuzz.files=1000000 -Dreverie.fuzz.seed=7} does
 * more of them, or others.
 */
class McapFuzzTest {
  private static final int FILES = Integer.getInteger("reverie.fuzz.files", 5_000);
  private static final long SEED = Long.getLong("reverie.fuzz.seed", 1);
  private static final int LIMIT = 1 << 20;

  /** Memory for all that is done with one file; a chunk may be 256 MiB for who sets no limit. */
  private static final long MEMORY = McapReader.DEFAULT_MAX_RECORD_BYTES + (64L << 20);

  @TempDir Path folder;
  private long recovered;

  @Test
  @Timeout(value = 12, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void damagedFilesGiveNothingButMcapExceptions() throws Exception {
    Mutator mutator = new Mutator(folder, SEED);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Path file = folder.resolve("damaged.mcap");
    Path saved = folder.resolve("recovered.mcap");
    long most = 0;
    long longest = 0;
    for (long number = 0; number < FILES; number++) {
      byte[] bytes = mutator.file(number);
      Files.write(file, bytes);
      long allocated = threads.getCurrentThreadAllocatedBytes();
      long began = System.nanoTime();
      try {
        read(file, bytes.length);
        McapVerifier.problems(file);
        recover(file, saved, number);
      } catch (RuntimeException | Error e) {
        fail("file %d of seed %d: %s".formatted(number, SEED, e), e);
      }
      longest = Math.max(longest, System.nanoTime() - began);
      most = Math.max(most, threads.getCurrentThreadAllocatedBytes() - allocated);
      assertTrue(most < MEMORY, "file %d of seed %d takes %d bytes".formatted(number, SEED, most));
    }
    assertTrue(recovered > FILES / 4, recovered + " files could be recovered");
    System.out.printf(
        "%d damaged files, %d of them recovered; at most %d MiB allocated and %d ms for one%n",
        FILES, recovered, most >> 20, longest / 1_000_000);
  }

  private static void read(Path file, int size) {
    try (McapReader reader = McapReader.open(file, LIMIT)) {
      attempt(size, () -> reader.messages().forEach(m -> {}));
      attempt(
          size,
          () ->
              reader
                  .messages(McapQuery.topics("/text").between(5, Long.MAX_VALUE))
                  .forEach(m -> {}));
      attempt(size, () -> reader.messagesByTime(McapQuery.ALL).forEach(m -> {}));
      attempt(size, () -> reader.attachments().forEach(a -> {}));
      attempt(size, reader::metadata);
    } catch (McapException e) {
      check(e, size);
    }
  }

  private static void attempt(int size, Runnable step) {
    try {
      step.run();
    } catch (McapException e) {
      check(e, size);
    }
  }

  private static void check(McapException e, int size) {
    assertNotNull(e.getMessage());
    assertTrue(e.offset() >= 0 && e.offset() <= size, e.offset() + " of " + size + ": " + e);
  }

  /**
   * Recovers to memory, which is faster than a disk that is forced; now and then what came out is
   * read.
   */
  private void recover(Path file, Path saved, long number) throws Exception {
    try (McapReader reader = McapReader.openPatiently(file)) {
      PowerCut disk = new PowerCut();
      McapRecovery recovery;
      try (McapWriter writer =
          new McapWriter(
              new DataSink(saved, disk),
              DiskReserve.none(folder),
              McapOptions.ROS2.withChunkBytes(4 << 10),
              System::nanoTime)) {
        writer.begin();
        recovery = McapRecovery.copy(reader, writer);
      }
      recovered++;
      if (number % 8 == 0) {
        Files.write(saved, disk.forced());
        assertEquals(
            0, McapVerifier.problems(saved).size(), McapVerifier.problems(saved).toString());
        assertEquals(recovery.messages(), Samples.readable(saved).size());
      }
    } catch (McapException e) {
      check(e, (int) Files.size(file));
    }
  }
}
