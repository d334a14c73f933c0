package dev.reverie.mcap.rosbag2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reverie.mcap.McapException;
import dev.reverie.mcap.McapOptions;
import dev.reverie.mcap.McapReader;
import dev.reverie.testing.Refusal;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BagLockTest {
  private static final Rosbag2Topic TEXT =
      new Rosbag2Topic("/text", "std_msgs/msg/String", "string data\n");

  @TempDir Path folder;

  @Test
  void aBagThatIsBeingRecordedIsNotRecoveredUnderItsWriter() throws Exception {
    Path bag = folder.resolve("bag");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      writer.write(TEXT, 1, 1, MemorySegment.ofArray(new byte[12]));
      writer.force();
      Refusal.of(McapException.class, () -> BagLock.take(bag, Duration.ZERO), "is being recorded");
      assertEquals(1, otherProcess(bag)); // the operating system knows it too
    }
    assertFalse(Files.exists(bag.resolve(BagLock.FILE_NAME)));
    assertEquals(List.of(), Rosbag2.problems(bag));
    assertEquals(0, otherProcess(bag));
  }

  @Test
  void whoReadsIsToldThatAnotherProcessRecords() throws Exception {
    Path bag = Files.createDirectory(folder.resolve("bag"));
    assertFalse(Rosbag2.isBeingWritten(bag));
    Process recorder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                bag.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertEquals('y', recorder.getInputStream().read());
      assertTrue(Rosbag2.isBeingWritten(bag));
      assertTrue(Rosbag2.isBeingWritten(bag)); // who asks takes nothing from who records
      Refusal.of(McapException.class, () -> BagLock.take(bag, Duration.ZERO), "is being recorded");
    } finally {
      recorder.destroyForcibly().waitFor();
    }
    assertTrue(Files.exists(bag.resolve(BagLock.FILE_NAME)));
    assertFalse(Rosbag2.isBeingWritten(bag)); // it was killed: what is there is damaged
  }

  static final class Holder {
    public static void main(String[] args) throws Exception {
      BagLock _ = BagLock.take(Path.of(args[0]), Duration.ZERO);
      System.out.write('y');
      System.out.flush();
      Thread.sleep(Duration.ofMinutes(5));
    }
  }

  /** Exit status 1 where the lock is held. */
  private static int otherProcess(Path bag) throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            Taker.class.getName(),
            bag.toString())
        .inheritIO()
        .start()
        .waitFor();
  }

  static final class Taker {
    public static void main(String[] args) {
      try (BagLock _ = BagLock.take(Path.of(args[0]), Duration.ZERO)) {
        System.exit(0);
      } catch (McapException e) {
        System.exit(1);
      }
    }
  }

  @Test
  void whatSeveralAddAtTheSameTimeIsAllThere() throws Exception {
    Path bag = folder.resolve("bag");
    try (Rosbag2Writer writer = Rosbag2Writer.create(bag, "jazzy", McapOptions.ROS2)) {
      writer.write(TEXT, 1, 1, MemorySegment.ofArray(new byte[12]));
    }
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      byte[] message = new byte[20 + i];
      work.add(
          () -> {
            Rosbag2Appender.append(
                bag, appender -> appender.write(TEXT, 2, 2, MemorySegment.ofArray(message)));
            return null;
          });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
    Set<Long> sizes = new HashSet<>();
    try (McapReader reader = McapReader.open(bag.resolve("bag_0.mcap"))) {
      reader.messages().forEach(message -> sizes.add(message.data().byteSize()));
    }
    assertEquals(13, sizes.size());
    assertEquals(List.of(), Rosbag2.problems(bag));
    try (Stream<Path> files = Files.list(bag)) {
      assertEquals(2, files.count()); // nothing is left behind
    }
  }

  @Test
  void aLockThatAKilledProcessLeftHoldsNobodyOff() throws Exception {
    Path bag = Files.createDirectory(folder.resolve("bag"));
    Files.createFile(bag.resolve(BagLock.FILE_NAME));
    BagLock.take(bag, Duration.ZERO).close();
    assertFalse(Files.exists(bag.resolve(BagLock.FILE_NAME)));
  }
}
